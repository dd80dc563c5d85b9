// The files of messages: pictures in the bodies, and a list of the other files. Only readers of the flow may see them, so the page loads
// each file with the connection's token and shows it from memory.

import { el } from "./dom.js";

/** @import { Connection } from "./connection.js" */

/**
 * A file as the inbox describes it.
 *
 * @typedef {{ path: string, file_name: string, file_size: number, content_type?: unknown, content_id?: unknown }} InboxFile
 */

/** The types of pictures that cannot contain scripts. A script in a file that is opened from memory would run as a part of this page. */
const PICTURE = /^image\/(avif|bmp|gif|jpeg|png|webp)$/;

/** @type {Connection} */
let connection;

/**
 * Makes the page load files from this connection's server from now on.
 *
 * @param {Connection} newConnection
 */
export function loadFilesBy(newConnection) {
  connection = newConnection;
}

/**
 * Returns the attachments of a message that the inbox stores as files. Other attachments are whatever the poster wrote.
 *
 * @param {{ attachments?: unknown }} message
 * @returns {InboxFile[]}
 */
export function filesOf({ attachments }) {
  /** @param {Record<keyof InboxFile, unknown>} attachment */
  const isFile = ({ path, file_name: name, file_size: size }) =>
    // The path is appended to the server's URL. It must start with a slash, or it could change the host to which the token is sent.
    String(path).startsWith("/files/") && typeof name === "string" && Number.isInteger(size);
  return (Array.isArray(attachments) ? attachments : []).filter(
    (one) => one !== null && typeof one === "object" && isFile(one),
  );
}

/**
 * Whether a body may show this file as a picture.
 *
 * @param {InboxFile} file
 */
export const isPicture = ({ content_type: type }) => PICTURE.test(String(type));

/**
 * Loads a file into an image element. If that fails, the alternative text replaces the element.
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
 * Makes a list of files with their names and sizes. A click on a file saves it.
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
  // The type octet-stream makes the browser save the bytes and never open them.
  const url = URL.createObjectURL(new Blob([await load(file)], { type: "application/octet-stream" }));
  el("a", { href: url, download: file.file_name }).click();
  // After a minute the browser has surely read the URL.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param {InboxFile} file */
async function load({ path }) {
  const { baseUrl, token } = connection;
  const response = await fetch(baseUrl + path, {
    headers: { Authorization: `Bearer ${token}` },
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
