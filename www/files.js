// The files of messages: pictures in their bodies, and a list of the others. They are for those alone who may read the flow,
// so each is asked for with the API token and shown from memory.

import { el } from "./dom.js";

/** @import { Connection } from "./connection.js" */

/**
 * A file as the inbox has it.
 *
 * @typedef {{ path: string, file_name: string, file_size: number, content_type?: unknown, content_id?: unknown }} InboxFile
 */

/** What has no code in it; opened by itself, from memory, it would otherwise run as a part of this page. */
const PICTURE = /^image\/(avif|bmp|gif|jpeg|png|webp)$/;

/** @type {Connection} */
let connection;

/**
 * Asks this connection's server for files from now on.
 *
 * @param {Connection} newConnection
 */
export function loadFilesBy(newConnection) {
  connection = newConnection;
}

/**
 * The attachments of a message that the inbox has as files. What posters say of others may be anything.
 *
 * @param {{ attachments?: unknown }} message
 * @returns {InboxFile[]}
 */
export function filesOf({ attachments }) {
  /** @param {Record<keyof InboxFile, unknown>} attachment */
  const isFile = ({ path, file_name: name, file_size: size }) =>
    // The path goes behind the server's name and must not be a part of it: the token goes with it.
    String(path).startsWith("/files/") && typeof name === "string" && Number.isInteger(size);
  return (Array.isArray(attachments) ? attachments : []).filter(
    (one) => one !== null && typeof one === "object" && isFile(one),
  );
}

/**
 * Whether a body may show it.
 *
 * @param {InboxFile} file
 */
export const isPicture = ({ content_type: type }) => PICTURE.test(String(type));

/**
 * Shows a file as an image element, whose text stands in its place where that cannot be.
 *
 * @param {HTMLImageElement} picture
 * @param {InboxFile} file
 */
export async function showPicture(picture, file) {
  try {
    const blob = await load(file);
    if (!PICTURE.test(blob.type)) throw new TypeError("the server says otherwise");
    const url = URL.createObjectURL(blob);
    picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    picture.src = url;
  } catch {
    picture.replaceWith(picture.alt || file.file_name);
  }
}

/**
 * Files by name and size; a click saves one.
 *
 * @param {InboxFile[]} files
 */
export function fileList(files) {
  if (files.length === 0) return null;
  /** @param {InboxFile} file */
  const item = (file) => {
    const click = () =>
      save(file).catch(({ message }) => {
        button.title = message;
      });
    const button = el("button", { type: "button", class: "quiet", click }, file.file_name);
    return el("li", {}, button, " ", el("small", {}, size(file.file_size)));
  };
  return el("ul", { class: "files", "aria-label": "Files" }, files.map(item));
}

/** @param {InboxFile} file */
async function save(file) {
  // As bytes without a meaning: nothing here opens them.
  const url = URL.createObjectURL(new Blob([await load(file)], { type: "application/octet-stream" }));
  el("a", { href: url, download: file.file_name }).click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param {InboxFile} file */
async function load({ path }) {
  const { baseUrl, apiToken } = connection;
  const response = await fetch(baseUrl + path, {
    headers: { Authorization: `Bearer ${apiToken}` },
    credentials: "omit",
  });
  if (!response.ok) throw new Error(`the inbox answered with ${response.status}`);
  return response.blob();
}

/** @param {number} bytes */
const size = (bytes) =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1024 ** 2
      ? `${(bytes / 1024).toFixed(1)} KB`
      : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
