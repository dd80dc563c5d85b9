// The files that go with a message, in a form.

import { invalidOption } from "../error.js";

/**
 * @param {import("flowdock-integration").PostOptions["attachments"]} attachments
 * @returns {[string, Blob][] | undefined} Ids and files; without ids, empty ones.
 */
export function filesOf(attachments) {
  if (attachments === undefined) return undefined;
  if (typeof FormData !== "function") throw invalidOption("`attachments` need `FormData`, which this runtime has not");
  try {
    const isList = Symbol.iterator in attachments;
    /** @type {[string, unknown][]} */
    const files = isList ? Array.from(attachments, (file) => ["", file]) : Object.entries(attachments);
    /** @param {[string, unknown]} entry */
    const isFile = ([id, file]) => file instanceof Blob && (isList || /^[\w.@-]+$/.test(id));
    if (!(attachments instanceof Blob) && files.every(isFile)) return /** @type {[string, Blob][]} */ (files);
  } catch {
    // What cannot be read is none.
  }
  throw invalidOption(
    "`attachments` must be a list of `Blob`s, or an object with ids of ASCII letters, digits and `._@-`",
  );
}

/**
 * @param {[string, string][]} fields The names and values of the message.
 * @param {[string, Blob][]} files
 * @returns {FormData & { refused?: Error }} It has `refused` once it was turned into a text: a fetch that does not know this
 *   FormData, such as that of npm's undici, would send `[object FormData]`.
 */
export function formOf(fields, files) {
  /** @type {ReturnType<typeof formOf>} */
  const form = new FormData();
  form.toString = () => {
    form.refused = invalidOption("`attachments` need a `fetch` that takes the global `FormData`");
    throw form.refused;
  };
  for (const [name, value] of fields) form.append(name, value);
  for (const [id, file] of files) form.append(`attachments[${id}]`, file);
  return form;
}
