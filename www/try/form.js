// The form for a message. Parts of a message that have no input (unknown keys) are kept unchanged.

import { messageSchema } from "flowdock-integration";
import { html, live, nothing } from "../page/render.js";
import { actionRows } from "./action-rows.js";
import { asText } from "./as-text.js";
import { attachmentsView } from "./attachments.js";
import { draft, report, setEvent, setValue } from "./draft.js";
import { editable } from "./editable.js";
import { EVENTS, shownEvent } from "./events.js";
import { fieldRows } from "./field-rows.js";
import { FIELDS, MESSAGE_FIELDS, THREAD_FIELDS } from "./fields.js";
import { fieldNotes, fieldPathOf, marksIn, notesOf } from "./notes.js";
import { valueAt } from "./pointer.js";
import { rowPaths } from "./rows.js";

/** @import { Violation } from "flowdock-integration" */
/** @import { FormField } from "./fields.js" */
/** @import { Notes } from "./notes.js" */

/** The text of the tags as it was typed: the list that it is has no comma at its end. */
let typedTags = "";

export function formView() {
  const { message, files } = draft();
  const event = shownEvent(message);
  const notes = notesOf(report(), formPaths());
  return html`<form id="message-form" autocomplete="off" novalidate @submit=${stay}>
    <fieldset class="segments events">
      <legend class="hidden-text">Event</legend>
      ${EVENTS.map(
        ({ value, name, hint }) =>
          html`<label><input type="radio" name="event" id="event-${value}" value=${value} .checked=${live(message.event === value)}
            @change=${() => setEvent(value, FIELDS)}><span>${name} ${hint ? html`<small>${hint}</small>` : nothing}</span></label>`,
      )}
    </fieldset>
    <div class="grid">${MESSAGE_FIELDS.filter(({ events }) => events.includes(event)).map((field) => fieldView(field, notes))}</div>
    ${event === "message" && files.length === 0 ? nothing : attachmentsView(event !== "message")}
    <h3>Thread <small>its latest state, sent with each message</small></h3>
    <div class="grid">${THREAD_FIELDS.map((field) => fieldView(field, notes))}</div>
    ${fieldRows(notes)} ${actionRows(notes)}
  </form>`;
}

/**
 * Returns the element of the form that a violation is about.
 *
 * @param {Violation} violation
 */
export function elementOf(violation) {
  const path = fieldPathOf(violation, formPaths());
  return path === undefined ? null : document.querySelector(`#message-form [data-path="${CSS.escape(path)}"]`);
}

/** The paths of all inputs that the form shows. */
function formPaths() {
  const event = shownEvent(draft().message);
  const fixed = FIELDS.filter(({ events }) => events.includes(event)).map(({ path }) => path);
  return [...fixed, ...rowPaths("fields"), ...rowPaths("actions")];
}

/**
 * @param {FormField} field
 * @param {Notes} notes
 */
function fieldView(field, notes) {
  const { id, label, key, path, isHalf = false } = field;
  const violations = notes.get(path) ?? [];
  const note = fieldNotes(id, violations);
  const isEditable = field.kind === "title" || field.kind === "body";
  const focus = () => document.getElementById(id)?.focus();
  const name = isEditable
    ? html`<span class="label" id="label-${id}" @click=${focus}>${label}</span>`
    : html`<label for=${id}>${label}</label>`;
  return html`<div class="field" ?data-half=${isHalf}>
    <div class="form-name">${name} <code>${key}</code></div>
    ${isEditable ? editableOf(field, violations, note) : control(field, note)}
    ${note.view}
  </div>`;
}

/**
 * @param {FormField} field
 * @param {Violation[]} violations
 * @param {ReturnType<typeof fieldNotes>} note
 */
const editableOf = ({ id, path, kind }, violations, { isInvalid, describedBy }) =>
  editable({
    id,
    labelledBy: `label-${id}`,
    value: asText(valueAt(draft().message, path)),
    change: (text) => setValue(path, text === "" ? undefined : text),
    marks: marksIn(violations, path),
    isLine: kind === "title",
    isInvalid,
    describedBy,
    path,
  });

/**
 * @param {FormField} field
 * @param {ReturnType<typeof fieldNotes>} note
 */
function control({ id, path, kind, hint, inputmode }, { isInvalid, describedBy }) {
  const value = valueAt(draft().message, path);
  const invalid = isInvalid ? "true" : nothing;
  const described = describedBy ?? nothing;
  /** @param {Event} event */
  const input = ({ target }) => {
    const text = /** @type {HTMLInputElement} */ (target).value;
    setValue(path, text === "" ? undefined : text);
  };
  if (kind === "color") {
    const text = asText(value);
    // A select shows only its options, so an invalid colour becomes an option.
    const names = statusColors.includes(text) || text === "" ? statusColors : [...statusColors, text];
    return html`<div class="with-swatch"><span class="swatch" data-color=${text || nothing} aria-hidden="true"></span>
      <select id=${id} data-path=${path} aria-invalid=${invalid} aria-describedby=${described} @change=${input}>
        <option value="" .selected=${text === ""}>none</option>
        ${names.map((name) => html`<option .selected=${name === text}>${name}</option>`)}
      </select></div>`;
  }
  if (kind === "multiline") {
    return html`<textarea id=${id} rows="3" data-path=${path} dir="auto" aria-invalid=${invalid} aria-describedby=${described}
      .value=${live(asText(value).replace(/\r\n?/g, "\n"))} @input=${input}></textarea>`;
  }
  const shown = kind === "tags" ? tagsText(value) : asText(value);
  return html`<input id=${id} data-path=${path} dir="auto" inputmode=${inputmode ?? nothing} placeholder=${hint ?? nothing} spellcheck="false"
    aria-invalid=${invalid} aria-describedby=${described} .value=${live(shown)} @input=${kind === "tags" ? inputTags : input}>`;
}

/** @param {Event} event */
function inputTags({ target }) {
  typedTags = /** @type {HTMLInputElement} */ (target).value;
  const tags = splitTags(typedTags);
  setValue("/tags", tags.length > 0 ? tags : undefined);
}

/** @param {unknown} tags */
function tagsText(tags) {
  const isTyped = JSON.stringify(splitTags(typedTags)) === JSON.stringify(tags ?? []);
  if (isTyped) return typedTags;
  return Array.isArray(tags) ? tags.map(asText).join(", ") : asText(tags);
}

/** @param {string} text */
const splitTags = (text) =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

/** @type {string[]} */
const statusColors = /** @type {any} */ (messageSchema).$defs.Status.properties.color.enum.filter(
  (/** @type {string | null} */ name) => name !== null,
);

/** @param {Event} event */
const stay = (event) => event.preventDefault();
