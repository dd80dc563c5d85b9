// Finds the messages in a JSON text: one message, an array of messages, or JSON Lines, one message in each line.

import { validateJson } from "flowdock-integration";

/**
 * @typedef {import("flowdock-integration").TextPosition} TextPosition
 *
 * @typedef {object} Given A message that the command was given.
 * @property {string} name The name of its file, `<stdin>` or `<options>`.
 * @property {TextPosition} [start] Where the message begins, if the file has several.
 * @property {any} message
 * @property {import("flowdock-integration").Report} report Its positions are those of the file.
 */

const START = { offset: 0, line: 1, column: 1 };

/**
 * @param {string} name
 * @param {string} text
 * @param {import("flowdock-integration").CheckOptions} options
 * @returns {Given[]}
 */
export function jsonMessages(name, text, options) {
  const value = parse(text);
  let parts;
  if (Array.isArray(value)) parts = elements(text);
  else if (value === undefined) parts = lines(name, text);
  if (!parts) return [{ name, message: value, report: validateJson(text, options) }];
  const given = [];
  let start = START;
  for (const { offset, end } of parts) {
    start = moved(start, text.slice(start.offset, offset));
    const part = text.slice(offset, end);
    given.push({ name, start, message: parse(part), report: moveReport(validateJson(part, options), start) });
  }
  return given;
}

/**
 * Returns undefined for a text that is no JSON.
 *
 * @param {string} text
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns the lines that are not blank if the text is JSON Lines, otherwise undefined. It is JSON Lines if it has two lines or more, and the
 * file is named .jsonl or .ndjson or the first line is an object.
 *
 * @param {string} name
 * @param {string} text
 */
function lines(name, text) {
  const found = [];
  for (let offset = 0; offset < text.length; ) {
    const feed = text.indexOf("\n", offset);
    const end = feed < 0 ? text.length : feed;
    if (text.slice(offset, end).trim() !== "") found.push({ offset, end });
    offset = end + 1;
  }
  if (found.length < 2) return undefined;
  if (/\.(?:jsonl|ndjson)$/i.test(name)) return found;
  const first = parse(text.slice(found[0].offset, found[0].end));
  return first !== null && typeof first === "object" ? found : undefined;
}

/**
 * The elements of an array.
 *
 * @param {string} text An array as JSON text.
 */
function elements(text) {
  const found = [];
  let depth = 0;
  let begin = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '"') index = endOfString(text, index);
    const isEnd = depth === 1 && (char === "," || char === "]");
    if (isEnd) {
      const part = text.slice(begin, index);
      const space = part.length - part.trimStart().length;
      if (space < part.length) found.push({ offset: begin + space, end: index });
      begin = index + 1;
    }
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") depth -= 1;
    if (depth === 1 && begin === 0) begin = index + 1;
  }
  return found;
}

/**
 * The index of the quote that ends the string which begins at an index.
 *
 * @param {string} text
 * @param {number} begin
 */
function endOfString(text, begin) {
  let index = begin + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
}

/**
 * The position behind a text that begins at a position.
 *
 * @param {TextPosition} from
 * @param {string} text
 * @returns {TextPosition}
 */
function moved(from, text) {
  const last = text.lastIndexOf("\n");
  return {
    offset: from.offset + text.length,
    line: from.line + text.split("\n").length - 1,
    column: last < 0 ? from.column + text.length : text.length - last,
  };
}

/**
 * @param {import("flowdock-integration").Report} report The report on a part of a file.
 * @param {TextPosition} start Where the part begins.
 */
function moveReport({ valid, violations }, start) {
  const all = violations.map(({ at = START, ...violation }) => ({
    ...violation,
    at: {
      offset: start.offset + at.offset,
      line: start.line + at.line - 1,
      column: at.line === 1 ? start.column + at.column - 1 : at.column,
    },
  }));
  return { valid, violations: all };
}
