// Escapes text for HTML, without WebAssembly. `src/html/escape.rs` does it in Rust; tests/fixtures/helpers.json checks that both
// give equal results.

import { invalidOption } from "./error.js";
import { isShort } from "./length.js";

/** @type {Record<string, string>} */
const REFERENCES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @type {typeof import("flowdock-integration").escapeHtml} */
export function escapeHtml(text) {
  const value = typeof text === "string" ? text : jsonValueOf(text);
  if (typeof value !== "string" || !isShort(value)) {
    throw invalidOption(`\`text\` must be a string, not ${nameOf(value)}`);
  }
  // HTML cannot express a NUL or half of a surrogate pair. Both become U+FFFD, which browsers show for them.
  return value.replace(/[&<>"'\0]|\p{Surrogate}/gu, (found) => REFERENCES[found] ?? "\ufffd");
}

/**
 * Returns the value that JSON.stringify writes: for a fragment of the tag `html` its HTML, for `new String("x")` the string "x".
 *
 * @param {unknown} value
 */
function jsonValueOf(value) {
  try {
    // With the empty list, JSON.stringify writes no properties of objects.
    return JSON.parse(JSON.stringify([value], []))[0];
  } catch {
    return typeof value === "bigint" ? value : undefined;
  }
}

/**
 * Returns the words with which a report names a value that is not a string, or a string that is too long.
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
