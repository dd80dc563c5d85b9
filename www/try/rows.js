// The rows of the form: the fields and the actions of the thread.

import { html, nothing } from "../page/render.js";
import { asText } from "./as-text.js";
import { draft, isBlank, setRows } from "./draft.js";
import { fieldNotes } from "./notes.js";
import { isObject } from "./pointer.js";

/** @import { RowKind } from "./draft.js" */
/** @import { Notes } from "./notes.js" */
/** @import { JsonObject } from "./pointer.js" */

/** The keys of the inputs of a row. The URL of an UpdateAction is inside its target. */
const KEYS = {
  fields: () => ["label", "value"],
  actions: (/** @type {unknown} */ row) => ["name", isUpdate(row) ? "target/urlTemplate" : "url"],
};

/** @param {unknown} row */
export const isUpdate = (row) => isObject(row) && row["@type"] === "UpdateAction";

/**
 * The path in the message of each row, or undefined for a row without any text: it is not in the message, so the index of a row may differ
 * from the index of its value.
 *
 * @param {RowKind} kind
 */
function pathsOf(kind) {
  let index = 0;
  return draft().rows[kind].map((row) => {
    if (isBlank(row)) return undefined;
    index += 1;
    return `/thread/${kind}/${index - 1}`;
  });
}

/**
 * The paths of all inputs in the rows of a kind.
 *
 * @param {RowKind} kind
 */
export const rowPaths = (kind) =>
  pathsOf(kind).flatMap((path, index) =>
    path === undefined ? [] : KEYS[kind](draft().rows[kind][index]).map((key) => `${path}/${key}`),
  );

/**
 * Shows the rows of a kind, with a button that adds one.
 *
 * @param {RowKind} kind
 * @param {{ name: string, key: string, add: string, empty: () => JsonObject, row: (row: unknown, path: string | undefined, index: number) => unknown }} of
 */
export function rowsView(kind, { name, key, add, empty, row: rowOf }) {
  const noun = kind === "fields" ? "field" : "action";
  const rows = draft().rows[kind];
  const paths = pathsOf(kind);
  const adds = () => {
    setRows(kind, [...rows, empty()]);
    focusNext(`#${kind} .form-row:last-child input`);
  };
  /** @param {number} index */
  const remove = (index) => {
    setRows(
      kind,
      rows.filter((_, at) => at !== index),
    );
    focusNext(`#add-${noun}`);
  };
  return html`<fieldset class="form-rows">
    <legend>${name}</legend> <code class="form-key">${key}</code>
    <div id=${kind}>${rows.map(
      (row, index) => html`<div class="form-row" data-kind=${noun}>
        ${rowOf(row, paths[index], index)}
        <button type="button" class="quiet remove" aria-label="Remove ${noun} ${index + 1}" @click=${() => remove(index)}>×</button>
      </div>`,
    )}</div>
    <button type="button" id="add-${noun}" class="quiet" @click=${adds}>${add}</button>
  </fieldset>`;
}

/**
 * One input of a row.
 *
 * @param {{ id: string, label: string, placeholder: string, value: unknown, path?: string, inputmode?: string, change: (text: string) => void }} input
 * @param {Notes} notes
 */
export function rowInput({ id, label, placeholder, value, path, inputmode, change }, notes) {
  const note = fieldNotes(id, (path === undefined ? undefined : notes.get(path)) ?? []);
  /** @param {Event} event */
  const input = ({ target }) => change(/** @type {HTMLInputElement} */ (target).value);
  return html`<div class="cell"><input id=${id} aria-label=${label} placeholder=${placeholder} data-path=${path ?? nothing} dir="auto" spellcheck="false"
    inputmode=${inputmode ?? nothing} aria-invalid=${note.isInvalid ? "true" : nothing} aria-describedby=${note.describedBy ?? nothing}
    .value=${asText(value)} @input=${input}>${note.view}</div>`;
}

/**
 * Changes one row.
 *
 * @param {RowKind} kind
 * @param {number} index
 * @param {(row: JsonObject) => JsonObject} change
 */
export function changeRow(kind, index, change) {
  setRows(
    kind,
    draft().rows[kind].map((row, at) => (at === index ? change(isObject(row) ? row : {}) : row)),
  );
}

/** Focuses an element that the next frame draws. @param {string} selector */
function focusNext(selector) {
  requestAnimationFrame(() => {
    const element = document.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  });
}
