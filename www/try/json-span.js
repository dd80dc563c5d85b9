// How long a value, a key or a part of a string is in JSON text.

/**
 * Returns the length of the text, the number or the word that begins at an offset. Of an object or an array, only the bracket counts: else
 * everything inside would be marked.
 *
 * @param {string} text JSON text.
 * @param {number} offset
 */
export function spanAt(text, offset) {
  const rest = /"(?:[^"\\]|\\.)*"|[[{]|[^\s,\]}]+/y;
  rest.lastIndex = offset;
  return rest.exec(text)?.[0].length ?? 1;
}

/**
 * Returns the length in JSON text of a part of a string. The text has escapes for some characters, such as `\\"` and `\\u00e4`.
 *
 * @param {string} text JSON text.
 * @param {number} offset Where the part begins in the text.
 * @param {number} length The length of the part in the string, in UTF-16 code units.
 */
export function escapedLength(text, offset, length) {
  const unit = /\\u[0-9a-fA-F]{4}|\\.|[\s\S]/y;
  unit.lastIndex = offset;
  for (let left = length; left > 0 && unit.lastIndex < text.length; left -= 1) unit.exec(text);
  return unit.lastIndex - offset;
}
