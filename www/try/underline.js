// Underlines parts of editable elements with the CSS Custom Highlight API, which changes no element.

import { positionIn, read } from "./editable-text.js";

/** @typedef {{ offset: number, length: number, severity: "error" | "warning" }} Marked A part of a text, in UTF-16 code units. */

/** The ranges that are underlined in each element. @type {Map<HTMLElement, { severity: Marked["severity"], range: Range }[]>} */
const shown = new Map();

/**
 * Underlines these parts of an element, and no others.
 *
 * @param {HTMLElement} element
 * @param {Marked[]} marks
 */
export function underline(element, marks) {
  forget(element);
  // Fields that are gone would be kept for ever.
  for (const other of shown.keys()) if (!other.isConnected && other !== element) forget(other);
  if (marks.length === 0) return;
  const { segments } = read(element);
  const ranges = marks.map(({ offset, length, severity }) => {
    const range = new Range();
    const [start, end] = [offset, offset + length].map((at) => positionIn(element, segments, at));
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    highlight(severity).add(range);
    return { severity, range };
  });
  shown.set(element, ranges);
}

/** @param {HTMLElement} element */
function forget(element) {
  for (const { severity, range } of shown.get(element) ?? []) highlight(severity).delete(range);
  shown.delete(element);
}

/** @param {Marked["severity"]} severity */
function highlight(severity) {
  const found = CSS.highlights.get(severity) ?? new Highlight();
  CSS.highlights.set(severity, found);
  // An error is drawn over a warning.
  if (severity === "error") found.priority = 1;
  return found;
}
