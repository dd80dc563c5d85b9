// Shows a value as JSON, with the values marked that break a rule. The text of it is JSON still.

import { el } from "./dom.js";

/** @import { Violation } from "flowdock-integration" */

const INDENT = "  ";

/**
 * Fills `element` with `value`; `violations` say by their paths what to mark.
 *
 * @param {HTMLElement} element
 * @param {unknown} value
 * @param {Pick<Violation, "path" | "severity">[]} violations
 */
export function showJson(element, value, violations = []) {
  const severities = new Map();
  for (const { path, severity } of violations) {
    if (severities.get(path) !== "error") severities.set(path, severity);
  }
  element.replaceChildren(...nodes(value, "", "", severities));
}

/**
 * @param {unknown} value
 * @param {string} path
 * @param {string} indent
 * @param {Map<string, Violation["severity"]>} severities
 * @returns {(Node | string)[]}
 */
function nodes(value, path, indent, severities) {
  const isArray = Array.isArray(value);
  const severity = severities.get(path);
  let shown;
  if (typeof value !== "object" || value === null) {
    shown = [el("span", { class: typeof value }, JSON.stringify(value))];
  } else {
    const entries = Object.entries(value);
    const inner = indent + INDENT;
    shown = entries.flatMap(([key, item], index) => [
      `${index === 0 ? "" : ","}\n${inner}`,
      ...(isArray ? [] : [el("span", { class: "key" }, JSON.stringify(key)), ": "]),
      ...nodes(item, `${path}/${pointerKey(key)}`, inner, severities),
    ]);
    const [open, close] = isArray ? "[]" : "{}";
    shown = [open, ...shown, entries.length > 0 ? `\n${indent}${close}` : close];
  }
  // The message as a whole is not marked: everything would be.
  return severity && path !== "" ? [el("mark", { "data-severity": severity }, ...shown)] : shown;
}

/**
 * A key as it stands in a JSON Pointer.
 *
 * @param {string} key
 */
const pointerKey = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
