// The files of a message, and the multipart form that carries both.

import { invalidOption } from "../error.js";

/** @typedef {FormData & { refused?: import("../error.js").FlowdockError }} Form */

/**
 * Reads the option `attachments`.
 *
 * @param {any} attachments
 * @returns {[string, Blob][] | undefined} The id and the file of each. In a list without ids each id is the empty string.
 */
export function filesOf(attachments) {
  if (attachments === undefined) return undefined;
  if (typeof FormData !== "function") throw invalidOption("`attachments` need `FormData`, which this runtime lacks");
  try {
    const isList = Symbol.iterator in attachments;
    /** @type {[string, Blob][]} */
    const files = isList ? Array.from(attachments, (file) => ["", file]) : Object.entries(attachments);
    /** @param {[string, unknown]} file */
    const isFile = ([id, file]) => file instanceof Blob && (isList || /^[\w.@-]+$/.test(id));
    if (!(attachments instanceof Blob) && files.every(isFile)) return files;
  } catch {
    // A value that throws when it is read is refused below, as is any other value that holds no files.
  }
  throw invalidOption(
    "`attachments` must be a list of `Blob`s, or an object with ids of ASCII letters, digits and `._@-`",
  );
}

/**
 * Makes the form that is sent.
 *
 * @param {Iterable<[string, string]>} fields The names and values of the message.
 * @param {Iterable<[string, Blob]>} files
 * @returns {Form} A form that refuses to become text. A `fetch` that does not know the global FormData, such as that of npm's undici,
 *   converts it to the text `[object FormData]` and would send that. The form then has `refused`, the error to report.
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
