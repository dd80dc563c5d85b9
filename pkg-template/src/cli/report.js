// Writes violations and counts for people, and for `--json`.

import { OPTIONS } from "./option-message.js";
import { plain } from "./output.js";

/**
 * @typedef {import("./json-messages.js").Given} Given
 * @typedef {import("./output.js").Paint} Paint
 */

/**
 * Says where a message is: in its file, at a line and a column if the file has several.
 *
 * @param {Given} given
 */
export function whereOf({ name, start }) {
  return plain(start ? `${name}:${start.line}:${start.column}` : name);
}

/**
 * Says where a message is, for `--json`.
 *
 * @param {Given} given
 */
export function placeOf({ name, start }) {
  return { file: name, ...(start && { line: start.line, column: start.column }) };
}

/**
 * The violations of a message, each in one line.
 *
 * @param {Given} given
 * @param {Paint} paint
 */
export function violationLines({ name, report }, paint) {
  return report.violations.map(({ at, severity, code, path, message }) => {
    const where = plain(at ? `${name}:${at.line}:${at.column}` : name);
    const level = paint(severity === "error" ? "red" : "yellow", severity);
    return `${paint("bold", where)} ${level} ${code}${path && ` ${plain(path)}`}: ${plain(message)}`;
  });
}

/**
 * What helps with the violations of a message that options describe, if they are of HTML.
 *
 * @param {Given[]} messages
 * @param {Record<string, any>} values
 */
export function advice(messages, { text }) {
  const isOfHtml = messages.some(
    ({ name, report }) => name === OPTIONS && report.violations.some(({ code }) => code.startsWith("html_")),
  );
  return isOfHtml && !text ? ["For plain text that is no HTML, add --text"] : [];
}

/**
 * What was found, in one line: `3 messages, 1 invalid: 2 errors, 1 warning`.
 *
 * @param {Given[]} messages
 * @param {Paint} paint
 */
export function summaryOf(messages, paint) {
  const { invalid, errors, warnings } = counts(messages);
  const some = invalid === messages.length && invalid === 1 ? "invalid" : `${invalid} invalid`;
  const verdict = invalid > 0 ? paint("red", some) : paint("green", "valid");
  const found = [errors > 0 && number(errors, "error"), warnings > 0 && number(warnings, "warning")].filter(Boolean);
  return `${number(messages.length, "message")}, ${verdict}${found.length > 0 ? `: ${found.join(", ")}` : ""}`;
}

/** @param {Given[]} messages */
export function counts(messages) {
  const all = messages.flatMap(({ report }) => report.violations);
  const errors = all.filter(({ severity }) => severity === "error").length;
  return {
    invalid: messages.filter(({ report }) => !report.valid).length,
    errors,
    warnings: all.length - errors,
  };
}

/**
 * @param {number} count
 * @param {string} noun
 */
export const number = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
