// The files that go with a message, in a form.

import { invalidOption } from "../error.js";

/** @typedef {FormData & { refused?: import("../error.js").FlowdockError }} Form */

/**
 * @param {any} attachments
 * @returns {[string, Blob][] | undefined} Ids and files; without ids, empty ones.
 */
export function filesOf(attachments) {
  if (attachments === undefined) return undefined;
  if (typeof FormData !== "function") throw invalidOption("`attachments` need `FormData`, which this runtime has not");
  try {
    const isList = Symbol.iterator in attachments;
    /** @type {[string, Blob][]} */
    const files = isList ? Array.from(attachments, (file) => ["", file]) : Object.entries(attachments);
    /** @param {[string, unknown]} file */
    const isFile = ([id, file]) => file instanceof Blob && (isList || /^[\w.@-]+$/.test(id));
    if (!(attachments instanceof Blob) && files.every(isFile)) return files;
  } catch {
    // What cannot be read is no list of files.
  }
  throw invalidOption(
    "`attachments` must be a list of `Blob`s, or an object with ids of ASCII letters, digits and `._@-`",
  );
}

/**
 * @param {Iterable<[string, string]>} fields The names and values of the message.
 * @param {Iterable<[string, Blob]>} files
 * @returns {Form} It has `refused` once it was turned into a text: a fetch that does not know this FormData, such as that of npm's
 *   undici, would send `[object FormData]`.
 */
export function formOf(fields, files) {
  /** @type {Form} */
  const form = new FormData();
  form.toString = () => {
    const refused = invalidOption("`attachments` need a `fetch` that takes the global `FormData`");
    form.refused = refused;
    throw refused;
  };
  for (const [name, value] of fields) form.append(name, value);
  for (const [id, file] of files) form.append(`attachments[${id}]`, file);
  return form;
}
