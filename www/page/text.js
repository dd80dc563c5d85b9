// Texts that several views write.

/**
 * Writes a number with its noun: `2 errors`, `1 error`.
 *
 * @param {number} number
 * @param {string} noun
 */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/**
 * Writes the size of a file: `25 bytes`, `2.0 KB`.
 *
 * @param {number} bytes
 */
export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/**
 * Returns a URL from outside if it is an absolute http or https URL. Any other value gives undefined, and must not be followed or loaded.
 *
 * @param {unknown} text
 */
export function webUrl(text) {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return ["http:", "https:"].includes(url.protocol) ? url.href : undefined;
}

/**
 * Adds parameters to the query of a URL. Parameters that are undefined are left out.
 *
 * @param {string} address
 * @param {Record<string, string | number | undefined>} parameters
 */
export function withQuery(address, parameters) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}
