// A field of a form: its label, its control, what is wrong with it and what it is for.

import { html, nothing } from "./render.js";

/** @import { View } from "./render.js" */

/**
 * What is said at a field.
 *
 * @typedef Notes
 * @property {string} id The id of the control.
 * @property {View} [hint] What the field is for.
 * @property {View} [error] A sentence.
 */

/**
 * A field with any control. The control has the attributes of `describedBy` and `invalid`.
 *
 * @param {Notes & { label: string, control: View }} field
 */
export const fieldView = ({ id, label, control, hint, error }) =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    ${control}
    ${error ? html`<small id="${id}-error" class="note" data-severity="error">${error}</small>` : nothing}
    ${hint ? html`<small id="${id}-hint" class="hint">${hint}</small>` : nothing}
  </div>`;

/**
 * The `aria-describedby` of a field's control.
 *
 * @param {Notes} field
 */
export const describedBy = ({ id, hint, error }) =>
  [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].join(" ").trim() || nothing;

/**
 * The `aria-invalid` of a field's control.
 *
 * @param {Pick<Notes, "error">} field
 */
export const invalid = ({ error }) => (error ? "true" : nothing);

/**
 * What a text field has besides its notes.
 *
 * @typedef TextFieldOptions
 * @property {string} label
 * @property {string} [name] Its name in the form's data.
 * @property {string} [value]
 * @property {(value: string) => void} [change] Called when the user has left the field.
 * @property {"text" | "url" | "password"} [kind]
 * @property {string} [placeholder]
 * @property {View} [button] What stands beside the input. A field that has it only at times gives `nothing` at the others.
 */

/** @param {Notes & TextFieldOptions} field */
export function textField(field) {
  const { id, label, name, value = "", change, kind = "text", placeholder = "", button, hint, error } = field;
  const input = html`<input
    id=${id}
    name=${name ?? nothing}
    type=${kind === "password" ? kind : "text"}
    inputmode=${kind === "url" ? kind : nothing}
    placeholder=${placeholder}
    dir="auto"
    autocomplete="off"
    spellcheck="false"
    aria-invalid=${invalid(field)}
    aria-describedby=${describedBy(field)}
    .value=${value}
    @change=${change ? (/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.currentTarget).value) : nothing}
  />`;
  const control = button === undefined ? input : html`<span class="with-button">${input} ${button}</span>`;
  return fieldView({ id, label, control, hint, error });
}
