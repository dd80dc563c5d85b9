// Shows the report of a message: what to make of it, each violation, and a mark at the field that it is about.

import { byId, count, el, withCode } from "./dom.js";

/** @import { Report, Violation } from "flowdock-integration" */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field What of the form the marks and the focus need. */

/** The list has them all; a field must not push the others out of sight. */
const MAX_NOTES_PER_FIELD = 3;

/**
 * Shows a report.
 *
 * @param {Report} report
 * @param {HTMLElement | null} marked The element in which fields are marked; they say in data-path which value is theirs.
 * @param {(violation: Violation, field: Field | null | undefined) => void} choose Called with a violation that was chosen and its field,
 *   if it has one.
 */
export function showReport(report, marked, choose) {
  const { violations } = report;
  showVerdict(report);
  clearMarks();
  byId("report").replaceChildren(
    ...violations.map((violation, index) => {
      const field = marked && fieldOf(violation, marked);
      if (field) mark(field, violation, index);
      return item(violation, () => choose(violation, field));
    }),
  );
}

/** @param {Report} report */
function showVerdict({ valid, violations }) {
  const errors = violations.filter(({ severity }) => severity === "error").length;
  const warnings = violations.length - errors;
  const found = [errors && count(errors, "error"), warnings && count(warnings, "warning")].filter(Boolean).join(", ");
  if (!valid) setVerdict("error", `${found}: cannot be posted`);
  else if (warnings > 0) setVerdict("warning", `${found}: can be posted as it is`);
  else setVerdict("good", "No violation: ready to post");
}

/**
 * @param {Violation["severity"] | "good"} severity
 * @param {string} text
 */
function setVerdict(severity, text) {
  const verdict = byId("verdict");
  verdict.dataset.severity = severity;
  // The same words again would be read out again.
  if (verdict.textContent !== text) verdict.textContent = text;
}

/**
 * @param {Violation} violation
 * @param {() => void} choose
 */
function item(violation, choose) {
  const { path, code, severity, message, hint, at } = violation;
  const isNews = hint !== undefined && !message.includes(`\`${hint}\``);
  // A report on JSON text says where in it each violation stands.
  const where = at ? `${at.line}:${at.column}` : "";
  return el(
    "li",
    { "data-path": path, "data-code": code, "data-severity": severity },
    el(
      "button",
      { type: "button", class: "violation", click: choose },
      el(
        "span",
        { class: "where" },
        el("b", {}, severity),
        el("code", {}, path || "message"),
        el("small", {}, where, " ", code),
      ),
      el("span", {}, withCode(message), isNews ? [" Meant: ", el("code", {}, hint)] : null),
    ),
  );
}

/**
 * The field of a value, or the first of those inside it.
 *
 * @param {Violation} violation
 * @param {HTMLElement} marked
 */
function fieldOf({ path, code, allowed = [] }, marked) {
  /** @type {NodeListOf<Field>} */
  const all = marked.querySelectorAll("[data-path]");
  const fields = [...all].filter((field) => !field.closest("[hidden]"));
  const paths = code === "required_one_of" ? allowed.map((key) => `${path}/${key}`) : [path];
  return (
    fields.find((field) => paths.includes(String(field.dataset.path))) ??
    fields.find((field) => path !== "" && field.dataset.path?.startsWith(`${path}/`))
  );
}

/**
 * @param {Field} field
 * @param {Violation} violation
 * @param {number} index
 */
function mark(field, { severity, message }, index) {
  const notes = (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  if (severity === "error") field.setAttribute("aria-invalid", "true");
  const isSaid = notes.some((id) => byId(id).dataset.message === message);
  if (isSaid || notes.length === MAX_NOTES_PER_FIELD) return;
  const facts = { class: "note", id: `note-${index}`, "data-severity": severity, "data-message": message };
  const note = el("small", facts, withCode(message));
  field.setAttribute("aria-describedby", [...notes, note.id].join(" "));
  (field.closest(".with-swatch") ?? field).parentElement?.append(note);
}

function clearMarks() {
  for (const note of document.querySelectorAll("[data-path] ~ .note, .with-swatch ~ .note")) note.remove();
  for (const field of document.querySelectorAll("[data-path][aria-describedby]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}
