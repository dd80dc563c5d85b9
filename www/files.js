// The files of messages: pictures in their bodies, and a list of the others. They are for those alone who may read the flow,
// so each is asked for with the API token and shown from memory.

import { el } from "./dom.js";

/** What has no code in it; opened by itself, from memory, it would otherwise run as a part of this page. */
const PICTURE = /^image\/(avif|bmp|gif|jpeg|png|webp)$/;

let connection;

/** Asks this connection's server for files from now on. */
export function loadFilesBy(newConnection) {
  connection = newConnection;
}

/** The attachments of a message that the inbox has as files. What posters say of others may be anything. */
export function filesOf({ attachments }) {
  const isFile = ({ path, file_name: name, file_size: size }) =>
    // The path goes behind the server's name and must not be a part of it: the token goes with it.
    String(path).startsWith("/files/") && typeof name === "string" && Number.isInteger(size);
  return (Array.isArray(attachments) ? attachments : []).filter(
    (one) => one !== null && typeof one === "object" && isFile(one),
  );
}

/** Whether a body may show it. */
export const isPicture = ({ content_type: type }) => PICTURE.test(type);

/** Shows a file as an image element, whose text stands in its place where that cannot be. */
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

/** Files by name and size; a click saves one. */
export function fileList(files) {
  if (files.length === 0) return null;
  const item = (file) => {
    const click = ({ target }) => save(file).catch(({ message }) => (target.title = message));
    return el(
      "li",
      {},
      el("button", { type: "button", class: "quiet", click }, file.file_name),
      " ",
      el("small", {}, size(file.file_size)),
    );
  };
  return el("ul", { class: "files", "aria-label": "Files" }, files.map(item));
}

async function save(file) {
  // As bytes without a meaning: nothing here opens them.
  const url = URL.createObjectURL(new Blob([await load(file)], { type: "application/octet-stream" }));
  el("a", { href: url, download: file.file_name }).click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function load({ path }) {
  const { baseUrl, apiToken } = connection;
  const response = await fetch(baseUrl + path, {
    headers: { Authorization: `Bearer ${apiToken}` },
    credentials: "omit",
  });
  if (!response.ok) throw new Error(`the inbox answered with ${response.status}`);
  return response.blob();
}

const size = (bytes) =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1024 ** 2
      ? `${(bytes / 1024).toFixed(1)} KB`
      : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
