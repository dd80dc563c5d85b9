// The message as JSON text, so that everything can be tried which the form does not let through.

import { html, nothing } from "../page/render.js";
import { draft, dropText, report, setText } from "./draft.js";
import { editable, selectText } from "./editable.js";
import { escapedLength, spanAt } from "./json-span.js";

/** @import { Violation } from "flowdock-integration" */

export function jsonEditorView() {
  const { text = "" } = draft();
  const { violations } = report();
  const syntax = violations.find(({ code }) => code === "invalid_json");
  const marks = violations.flatMap((violation) => {
    const span = spanOf(violation, text);
    return span ? [{ ...span, severity: violation.severity }] : [];
  });
  return html`<div id="json-editor">
    <p class="label" id="label-json">The message as JSON</p>
    <p class="hint">Try unknown keys and wrong types.</p>
    <div class="lines">
      <pre class="numbers" aria-hidden="true">${numbers(text)}</pre>
      ${editable({
        id: "json-text",
        labelledBy: "label-json",
        value: text,
        change: setText,
        marks,
        isCode: true,
        isInvalid: syntax !== undefined,
        describedBy: syntax ? "json-error" : undefined,
      })}
    </div>
    <p id="json-error" class="note" data-severity="error" ?hidden=${!syntax}>
      ${syntax?.at ? `Line ${syntax.at.line}, column ${syntax.at.column}: ${syntax.message}` : nothing}
    </p>
    ${syntax ? html`<button type="button" class="link" @click=${dropText}>Go back to the last valid message</button>` : nothing}
  </div>`;
}

/**
 * Selects the part of the text that a violation is about.
 *
 * @param {Violation} violation
 */
export function selectInJson(violation) {
  const element = document.getElementById("json-text");
  const span = spanOf(violation, draft().text ?? "");
  if (element && span) selectText(element, span.offset, span.length);
}

/**
 * @param {Violation} violation
 * @param {string} text
 */
function spanOf({ at, length, code }, text) {
  if (!at) return undefined;
  // Where the text ends too early, its last character is marked.
  if (code === "invalid_json") return { offset: Math.min(at.offset, Math.max(text.length - 1, 0)), length: 1 };
  return {
    offset: at.offset,
    length: length === undefined ? spanAt(text, at.offset) : escapedLength(text, at.offset, length),
  };
}

/** @param {string} text */
function numbers(text) {
  let lines = "1";
  let number = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    number += 1;
    lines += `\n${number}`;
  }
  return lines;
}
