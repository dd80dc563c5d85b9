// What the rules say of the draft: a verdict, and the list of all violations.

import { html, nothing, withCode } from "../page/render.js";
import { count } from "../page/text.js";
import { draft, report, setMode } from "./draft.js";
import { selectText } from "./editable.js";
import { elementOf } from "./form.js";
import { selectInJson } from "./json-editor.js";

/** @import { Violation } from "flowdock-integration" */

/** The verdict on the draft. @returns {{ severity: "error" | "warning" | "good", text: string, advice: string }} */
export function verdict() {
  const { valid, violations } = report();
  if (violations.some(({ code }) => code === "invalid_json")) {
    return { severity: "error", text: "Not valid JSON", advice: "Fix the JSON text to post." };
  }
  const errors = violations.filter(({ severity }) => severity === "error").length;
  const warnings = violations.length - errors;
  const found = [errors && count(errors, "error"), warnings && count(warnings, "warning")].filter(Boolean).join(", ");
  if (!valid)
    return { severity: "error", text: found, advice: "Fix the errors to post. Warnings do not stop the post." };
  if (warnings > 0) return { severity: "warning", text: `Ready to post, ${found}`, advice: "" };
  return { severity: "good", text: "Ready to post", advice: "" };
}

export function reportView() {
  const { violations } = report();
  return html`<section class="problems" ?hidden=${violations.length === 0} aria-labelledby="problems-heading">
    <h3 id="problems-heading">Problems</h3>
    <ul id="report">${violations.map(item)}</ul>
  </section>`;
}

/** @param {Violation} violation */
function item(violation) {
  const { path, code, severity, message, hint, at } = violation;
  const isNews = hint !== undefined && !message.includes(`\`${hint}\``);
  // A report on JSON text says where in it each violation stands.
  const where = at ? `${at.line}:${at.column}` : "";
  return html`<li data-path=${path} data-code=${code} data-severity=${severity}>
    <button type="button" class="violation" @click=${() => choose(violation)}>
      <span class="where"><b>${severity}</b> <code>${path || "message"}</code> <small>${where} ${code}</small></span>
      <span>${withCode(message)}${isNews ? html` Did you mean <code>${hint}</code>?` : nothing}</span>
    </button>
  </li>`;
}

/** Shows where a violation stands. What has no input in the form is shown in the JSON text. @param {Violation} violation */
function choose(violation) {
  if (draft().mode === "json") {
    selectInJson(violation);
    return;
  }
  const { path, code, offset, length } = violation;
  const element = elementOf(violation);
  if (element instanceof HTMLElement) {
    if (element.dataset.path === path && offset !== undefined && length !== undefined)
      selectText(element, offset, length);
    else element.focus();
    return;
  }
  setMode("json");
  // The next frame draws the text.
  requestAnimationFrame(() => {
    const same = report().violations.find((one) => one.path === path && one.code === code);
    if (same) selectInJson(same);
  });
}
