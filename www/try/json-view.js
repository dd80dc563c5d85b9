// Shows a value as JSON, with the values marked that break a rule. Its text is JSON still.

import { html } from "../page/render.js";
import { pointerKey } from "./pointer.js";

/** @import { TemplateResult } from "lit-html" */
/** @import { Violation } from "flowdock-integration" */

/** @typedef {(TemplateResult | string)[]} Parts */

const INDENT = "  ";

/**
 * @param {unknown} value
 * @param {Pick<Violation, "path" | "severity">[]} [violations] Their paths say what to mark.
 */
export function jsonView(value, violations = []) {
  const severities = new Map();
  for (const { path, severity } of violations) {
    if (severities.get(path) !== "error") severities.set(path, severity);
  }
  return parts(value, "", "", severities);
}

/**
 * @param {unknown} value
 * @param {string} path
 * @param {string} indent
 * @param {Map<string, Violation["severity"]>} severities
 * @returns {Parts}
 */
function parts(value, path, indent, severities) {
  const shown = bare(value, path, indent, severities);
  const severity = severities.get(path);
  // The message as a whole is not marked: everything would be.
  return severity && path !== "" ? [html`<mark data-severity=${severity}>${shown}</mark>`] : shown;
}

/** @type {(value: unknown, path: string, indent: string, severities: Map<string, Violation["severity"]>) => Parts} */
function bare(value, path, indent, severities) {
  if (typeof value !== "object" || value === null) {
    return [html`<span class=${typeof value}>${JSON.stringify(value)}</span>`];
  }
  const isArray = Array.isArray(value);
  const [open, close] = isArray ? "[]" : "{}";
  const inner = indent + INDENT;
  const entries = Object.entries(value);
  const items = entries.flatMap(([key, item], index) => [
    `${index === 0 ? "" : ","}\n${inner}`,
    ...(isArray ? [] : [html`<span class="json-key">${JSON.stringify(key)}</span>`, ": "]),
    ...parts(item, `${path}/${pointerKey(key)}`, inner, severities),
  ]);
  return [open, ...items, entries.length > 0 ? `\n${indent}${close}` : close];
}
