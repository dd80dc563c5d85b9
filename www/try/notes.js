// The violations at the field that each is about.

import { html, nothing, withCode } from "../page/render.js";

/** @import { Report, Violation } from "flowdock-integration" */
/** @import { Marked } from "./underline.js" */

/** The list has them all; a field must not push the others out of sight. */
const MAX_NOTES_PER_FIELD = 3;

/** @typedef {Map<string, Violation[]>} Notes The violations of each field, by its path. */

/**
 * Distributes the violations of a report among the fields of the form.
 *
 * @param {Report} report
 * @param {readonly string[]} paths The paths of the fields, in their order.
 * @returns {Notes}
 */
export function notesOf({ violations }, paths) {
  /** @type {Notes} */
  const notes = new Map();
  for (const violation of violations) {
    const path = fieldPathOf(violation, paths);
    if (path !== undefined) notes.set(path, [...(notes.get(path) ?? []), violation]);
  }
  return notes;
}

/**
 * The path of the field of a violation: the field of its value, or the first of those inside it.
 *
 * @param {Violation} violation
 * @param {readonly string[]} paths
 */
export function fieldPathOf({ path, code, allowed = [] }, paths) {
  const wanted = code === "required_one_of" ? allowed.map((key) => `${path}/${key}`) : [path];
  return paths.find((one) => wanted.includes(one)) ?? paths.find((one) => path !== "" && one.startsWith(`${path}/`));
}

/**
 * Shows the violations of a field below it. Their ids are for its `aria-describedby`.
 *
 * @param {string} id The id of the field.
 * @param {Violation[]} violations
 */
export function fieldNotes(id, violations) {
  const messages = [...new Set(violations.map(({ message }) => message))];
  const shown = messages.slice(0, MAX_NOTES_PER_FIELD).map((message, index) => {
    const isError = violations.some((one) => one.message === message && one.severity === "error");
    return { id: `note-${id}-${index}`, message, severity: isError ? "error" : "warning" };
  });
  const more = messages.length - shown.length;
  return {
    isInvalid: violations.some(({ severity }) => severity === "error"),
    describedBy: shown.length > 0 ? shown.map((note) => note.id).join(" ") : undefined,
    view: html`${shown.map((note) => html`<small class="note" id=${note.id} data-severity=${note.severity}>${withCode(note.message)}</small>`)}
      ${more > 0 ? html`<button type="button" class="link more-notes" aria-label="${more} more problems: show the list" @click=${showList}>+${more} more</button>` : nothing}`,
  };
}

/**
 * The parts of a value that break a rule.
 *
 * @param {Violation[]} violations
 * @param {string} path Violations of other values are left out.
 * @returns {Marked[]}
 */
export const marksIn = (violations, path) =>
  violations.flatMap(({ path: at, offset, length, severity }) =>
    at === path && offset !== undefined && length !== undefined ? [{ offset, length, severity }] : [],
  );

function showList() {
  const list = document.getElementById("report");
  list?.scrollIntoView({ block: "nearest" });
  list?.querySelector("button")?.focus();
}
