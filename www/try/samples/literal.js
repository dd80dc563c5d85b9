// Writes a JSON value as a literal of a language.

/**
 * Writes a value over several lines, with a comma after each item.
 *
 * @param {unknown} value
 * @param {(key: string) => string} keyOf Writes a key.
 * @param {string} [indent]
 * @returns {string}
 */
export function pretty(value, keyOf, indent = "") {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const inner = `${indent}  `;
  const isArray = Array.isArray(value);
  const items = Object.entries(value).map(
    ([key, item]) => `${inner}${isArray ? "" : `${keyOf(key)}: `}${pretty(item, keyOf, inner)},\n`,
  );
  const [open, close] = isArray ? "[]" : "{}";
  return items.length > 0 ? `${open}\n${items.join("")}${indent}${close}` : open + close;
}

/** The characters that change the direction of text, which compilers refuse in a literal. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Writes a Rust string literal.
 *
 * @param {string} text
 */
export const rustString = (text) =>
  `"${text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/["\\]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to escape.
    .replace(/[\u0000-\u001f\u007f]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
    .replace(DIRECTION, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)}"`;

/**
 * Writes JSON as a raw string literal of Rust.
 *
 * @param {unknown} value
 */
export function rawJson(value) {
  const json = JSON.stringify(value, null, 2).replace(DIRECTION, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
  // The literal ends at a quote with so many hashes.
  const longest = Math.max(0, ...(json.match(/"#+/g) ?? []).map((end) => end.length - 1));
  const hashes = "#".repeat(longest + 1);
  return `r${hashes}"${json}"${hashes}`;
}
