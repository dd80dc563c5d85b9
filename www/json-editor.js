// The message as text, so that everything can be tried which the form does not let through.

import { byId } from "./dom.js";

/** @import { Violation } from "flowdock-integration" */

const text = byId("json-text", HTMLTextAreaElement);
const problem = byId("json-error");

/** @param {() => void} changed */
export function startJsonEditor(changed) {
  text.addEventListener("input", changed);
}

/** @param {unknown} message */
export function fillJson(message) {
  text.value = JSON.stringify(message, null, 2);
}

/** @returns {string} */
export function readJson() {
  return text.value;
}

/**
 * Says below the text where it stops being JSON, or nothing.
 *
 * @param {Violation | undefined} violation
 */
export function showSyntaxError(violation) {
  problem.textContent = violation?.at
    ? `Line ${violation.at.line}, column ${violation.at.column}: ${violation.message}`
    : "";
  problem.hidden = !violation;
  if (violation) text.setAttribute("aria-invalid", "true");
  else text.removeAttribute("aria-invalid");
}

/**
 * Selects the part of the text that a violation is about: so much of HTML as it says, else the rest of the line.
 *
 * @param {Violation} violation
 */
export function selectInJson({ at, length }) {
  if (!at) return;
  const line = text.value.indexOf("\n", at.offset);
  const end = length === undefined ? line : at.offset + length;
  text.focus();
  text.setSelectionRange(at.offset, end < 0 ? text.value.length : end);
}
