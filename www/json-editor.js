// The message as text, so that everything can be tried which the form does not let through.

import { reasonOf } from "./api.js";
import { byId } from "./dom.js";

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

/**
 * The value that stands there, or undefined when it is no JSON.
 *
 * @returns {unknown}
 */
export function readJson() {
  let value;
  let reason = "";
  try {
    value = JSON.parse(text.value);
  } catch (error) {
    reason = reasonOf(error);
  }
  problem.textContent = reason;
  problem.hidden = reason === "";
  if (reason === "") text.removeAttribute("aria-invalid");
  else text.setAttribute("aria-invalid", "true");
  return value;
}

/**
 * Selects the key at a path, or the nearest one above that is there. Items of arrays are not looked for.
 *
 * @param {string} path
 */
export function selectInJson(path) {
  let [start, end] = [0, 0];
  for (const key of path.split("/").slice(1)) {
    const quoted = JSON.stringify(key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const found = text.value.indexOf(quoted, end);
    if (found >= 0) [start, end] = [found, found + quoted.length];
  }
  text.focus();
  text.setSelectionRange(start, end);
}
