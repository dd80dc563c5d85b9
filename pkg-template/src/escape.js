// Text to HTML. `src/html/escape.rs` is the same for Rust, and tests/fixtures/helpers.json holds the two together. No
// WebAssembly is needed for it.

import { invalidOption } from "./error.js";

/** How many UTF-16 code units of text this package takes. */
const MAX_SIZE = 2 ** 24;

/** @type {Record<string, string>} */
const REFERENCES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @type {typeof import("flowdock-integration").escapeHtml} */
export function escapeHtml(text) {
  const value = typeof text === "string" ? text : meant(text);
  if (typeof value !== "string" || value.length > MAX_SIZE) {
    throw invalidOption(`\`text\` must be a string, not ${nameOf(value)}`);
  }
  // HTML has no way to write a NUL, nor half of a surrogate pair: both become U+FFFD, as browsers show them.
  return value.replace(/[&<>"'\0]|\p{Surrogate}/gu, (found) => REFERENCES[found] ?? "\ufffd");
}

/**
 * What JSON.stringify takes a value for: a fragment of the tag `html` is its HTML, `new String("x")` is a string.
 *
 * @param {unknown} value
 */
function meant(value) {
  try {
    // The empty list leaves out what is in an object.
    return JSON.parse(JSON.stringify([value], []))[0];
  } catch {
    return typeof value === "bigint" ? value : undefined;
  }
}

/**
 * What a report calls a value that is no string, or too long a one.
 *
 * @param {unknown} value
 */
function nameOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  const type = typeof value;
  if (type === "object") return "an object";
  if (type === "bigint") return "a BigInt";
  if (type === "string") return "a value of more than 16 million characters";
  return value === undefined ? "a value that throws when it is read" : `a ${type}`;
}
