// Writes to standard output and standard error, with colours on a terminal.

import process from "node:process";

/**
 * @typedef {keyof typeof CODES} Colour
 * @typedef {(colour: Colour, text: string) => string} Paint Colours a text.
 */

/** SGR parameters (ECMA-48) that begin and end each colour. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };

/** Characters that could command a terminal, or show a text in another order than it has. */
const UNSAFE = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu;

/** Whether standard output failed for another reason than a closed pipe. */
let isBroken = false;

process.stdout.on("error", ({ code, message }) => {
  // A reader such as `head` has read enough. The command goes on, because a post must not stop half way.
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return;
  if (!isBroken) process.stderr.write(`flowdock-integration: the output cannot be written: ${plain(message)}\n`);
  isBroken = true;
});
process.stderr.on("error", () => {});
process.on("exit", () => {
  if (isBroken && !process.exitCode) process.exitCode = 1;
});

/**
 * The token of the environment, which no output shows: a person may give it in place of the name of a file. A short one is not searched
 * for, because it could be a part of any word.
 */
const SECRET = /^.{8,}$/.exec(process.env.FLOWDOCK_TOKEN?.trim() ?? "")?.[0];

/** @param {string} text */
function withoutSecret(text) {
  return SECRET ? text.replaceAll(SECRET, "(hidden)") : text;
}

/**
 * Prints the result of a command.
 *
 * @param {string} text
 */
export function print(text) {
  process.stdout.write(`${withoutSecret(text)}\n`);
}

/**
 * Prints the one document of `--json`.
 *
 * @param {unknown} value
 */
export function printJson(value) {
  print(visible(JSON.stringify(value, null, 2)));
}

/**
 * Prints what concerns the person who runs the command, and is no result.
 *
 * @param {string} text
 */
export function note(text) {
  process.stderr.write(`${withoutSecret(text)}\n`);
}

/**
 * Writes a text in one line. The texts of messages and of servers may hold anything.
 *
 * @param {string} text
 */
export function plain(text) {
  return visible(text).replaceAll("\n", "\\n");
}

/**
 * Replaces unsafe characters by escapes, which are those of JSON. Line feeds stay.
 *
 * @param {string} text
 */
export function visible(text) {
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Returns a function that colours a text for a stream, if that stream shows colours.
 *
 * @param {NodeJS.WriteStream} stream
 * @returns {Paint}
 */
export function painter(stream) {
  if (!hasColours(stream)) return (_, text) => text;
  return (colour, text) => `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;
}

/**
 * FORCE_COLOR counts more than NO_COLOR, as in Node.
 *
 * @param {NodeJS.WriteStream} stream
 */
function hasColours(stream) {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = process.env;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return !refused && TERM !== "dumb" && Boolean(stream.isTTY);
}
