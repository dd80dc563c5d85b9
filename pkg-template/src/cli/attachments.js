// Reads the files of `--attach`.

import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { unreadable } from "./read.js";
import { WrongUse } from "./wrong-use.js";

/** The media types of common files. A server shows some of them in place. */
const TYPES = /** @type {Record<string, string>} */ ({
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".log": "text/plain",
  ".md": "text/markdown",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".webp": "image/webp",
  ".xml": "application/xml",
  ".zip": "application/zip",
});

/**
 * @param {string[] | undefined} given Each is a path, or an id, `=` and a path.
 * @returns {Promise<import("flowdock-integration").PostOptions["attachments"]>}
 */
export async function readAttachments(given) {
  if (!given) return undefined;
  /** @type {[id: string, file: File][]} */
  const entries = await Promise.all(given.map(readAttachment));
  const ids = entries.map(([id]) => id).filter((id) => id !== "");
  if (ids.length === 0) return entries.map(([, file]) => file);
  if (ids.length < entries.length) throw new WrongUse("give all files of --attach an id, or none");
  if (new Set(ids).size < ids.length) throw new WrongUse("two files of --attach have the same id");
  return Object.fromEntries(entries);
}

/**
 * @param {string} given
 * @returns {Promise<[id: string, file: File]>}
 */
async function readAttachment(given) {
  const [, id = "", path = given] = /^([\w.@-]+)=(.*)$/s.exec(given) ?? [];
  try {
    const bytes = await readFile(path);
    return [id, new File([bytes], basename(path), { type: TYPES[extname(path).toLowerCase()] ?? "" })];
  } catch (error) {
    throw unreadable(path, error);
  }
}
