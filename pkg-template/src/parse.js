// What a text of somebody else's holds.

/**
 * What is no JSON stays the text that it is.
 *
 * @param {string} text
 */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
