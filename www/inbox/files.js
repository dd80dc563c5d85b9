// The files of messages: pictures in the bodies, and a list of the other files. Only readers of the flow may see them, so the page loads
// each file with the connection's token and shows it from memory.

import { connection } from "../connection/connection.js";
import { reasonOf } from "../page/api.js";
import { html, nothing } from "../page/render.js";
import { fileSize } from "../page/text.js";
import { toast } from "../page/toast.js";

/**
 * A file as the inbox describes it. `blob` is the file itself, if it is not posted yet.
 *
 * @typedef {{ path: string, file_name: string, file_size: number, content_type?: unknown, content_id?: unknown, blob?: unknown }} InboxFile
 */

/** The types of pictures that cannot contain scripts. A script in a file that is opened from memory would run as a part of this page. */
const PICTURE = /^image\/(avif|bmp|gif|jpeg|png|webp)$/;

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
    typeof path === "string" && path.startsWith("/files/") && typeof name === "string" && Number.isInteger(size);
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
    if (!PICTURE.test(blob.type)) throw new TypeError("the inbox sent another type");
    const url = URL.createObjectURL(blob);
    picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    picture.src = url;
  } catch {
    picture.replaceWith(picture.alt || file.file_name);
  }
}

/**
 * Shows a list of files with their names and sizes. A click on a file saves it.
 *
 * @param {InboxFile[]} files
 */
export function fileList(files) {
  if (files.length === 0) return nothing;
  return html`<ul class="files" aria-label="Files">
    ${files.map(
      (file) =>
        html`<li><button type="button" class="quiet" @click=${() => save(file)}>${file.file_name}</button> <small>${fileSize(file.file_size)}</small></li>`,
    )}
  </ul>`;
}

/** @param {InboxFile} file */
async function save(file) {
  try {
    // The type octet-stream makes the browser save the bytes and never open them.
    const url = URL.createObjectURL(new Blob([await load(file)], { type: "application/octet-stream" }));
    Object.assign(document.createElement("a"), { href: url, download: file.file_name }).click();
    // After a minute the browser has surely read the URL.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    toast(`${file.file_name} was not saved: ${reasonOf(error)}`);
  }
}

/** @param {InboxFile} file */
async function load({ path, blob }) {
  if (blob instanceof Blob) return blob;
  const { baseUrl, token } = connection();
  const response = await fetch(baseUrl + path, {
    headers: { Authorization: `Bearer ${token}` },
    credentials: "omit",
  });
  if (!response.ok) throw new Error(`the inbox answered with ${response.status}`);
  return response.blob();
}
