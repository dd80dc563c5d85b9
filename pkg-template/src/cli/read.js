// Reads the text of a file or of standard input.

import { createReadStream } from "node:fs";
import process from "node:process";
import { WrongUse } from "./wrong-use.js";

/** The package takes no longer text: 16,777,216 UTF-16 units. */
const MAX_UNITS = 2 ** 24;
/** A UTF-16 unit has at most three bytes in UTF-8. A byte order mark has three as well. */
const MAX_BYTES = 3 * MAX_UNITS + 3;

/** What each failure of the system means for a person. */
const REASONS = /** @type {Record<string, string>} */ ({
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
  EPERM: "you may not read it",
});

let isStdinTaken = false;

/**
 * Returns the name of a file for people.
 *
 * @param {string} file
 */
export function nameOf(file) {
  return file === "-" ? "<stdin>" : file;
}

/**
 * Reads a text in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it. A byte order mark is no part of the text.
 *
 * @param {string} file A path, or `-` for standard input.
 */
export async function readText(file) {
  if (file === "-") {
    if (isStdinTaken) throw new WrongUse("standard input can be read only once");
    isStdinTaken = true;
  }
  const text = decode(file, await readBytes(file));
  if (text.length > MAX_UNITS) throw tooLong(file);
  return text;
}

/**
 * Returns the error that says why a file cannot be read.
 *
 * @param {string} file
 * @param {unknown} error What the system threw.
 */
export function unreadable(file, error) {
  const { code = "", message } = /** @type {NodeJS.ErrnoException} */ (error);
  return new WrongUse(`${nameOf(file)} cannot be read: ${REASONS[code] ?? message}`);
}

/** @param {string} file */
async function readBytes(file) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (size > MAX_BYTES) throw tooLong(file);
  return Buffer.concat(chunks);
}

/**
 * @param {string} file
 * @param {Buffer} bytes
 */
function decode(file, bytes) {
  const mark = bytes.subarray(0, 2).toString("latin1");
  const encoding = { "\xff\xfe": "utf-16le", "\xfe\xff": "utf-16be" }[mark] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new WrongUse(`${nameOf(file)} cannot be read: it is no text in UTF-8`);
  }
}

/** @param {string} file */
function tooLong(file) {
  return new WrongUse(`${nameOf(file)} cannot be read: it has more than ${MAX_UNITS} characters (UTF-16 units)`);
}
