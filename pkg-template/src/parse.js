// Parses text that comes from outside, such as the body of an answer.

/**
 * Returns the parsed value, or the text itself when it is not JSON.
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
