// The form for a message.
//
// In index.html the attribute data-path of each input is the JSON Pointer of its value in the message. Parts of a message without an input
// (actions, unknown keys) are kept unchanged.

import { byId, el } from "./dom.js";
import { messageSchema } from "./pkg/index.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Input */
/** @typedef {Record<string, any>} Json A JSON object with any keys. */

const form = byId("message-form", HTMLFormElement);
const rows = byId("fields");
const color = byId("status-color", HTMLSelectElement);
/** @type {NodeListOf<HTMLInputElement>} */
const events = form.querySelectorAll("[name=event]");

/**
 * The message that the form was last filled with.
 *
 * @type {Json}
 */
let base = {};

/**
 * Prepares the form.
 *
 * @param {() => void} changed Called after each change that the user makes.
 */
export function startForm(changed) {
  color.append(...statusColors().map((name) => el("option", {}, name)));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    showState();
    changed();
  });
  byId("add-field").addEventListener("click", () => {
    addRow().querySelector("input")?.focus();
    changed();
  });
  rows.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element && target.matches(".remove"))) return;
    target.closest(".row")?.remove();
    byId("add-field").focus();
    changed();
  });
}

/**
 * Fills the form with a message.
 *
 * @param {Json} message
 */
export function fillForm(message) {
  base = structuredClone(message);
  for (const input of events) input.checked = input.value === base.event;
  for (const [path, input] of inputs()) input.value = asText(input, valueAt(base, path));
  const fields = valueAt(base, "/thread/fields");
  rows.replaceChildren();
  for (const field of Array.isArray(fields) ? fields : []) addRow(field?.label, field?.value);
  showState();
}

/** Reads the message from the form. Empty inputs, and inputs that the chosen event does not use, are left out. */
export function readForm() {
  const message = structuredClone(base);
  const chosen = chosenEvent();
  if (chosen) message.event = chosen;
  for (const [path, input] of inputs()) {
    const value = input.closest("[hidden]") ? "" : input.value;
    if (value === "") removeAt(message, path);
    else setAt(message, path, input.id === "tags" ? splitTags(value) : value);
  }
  readRows(message);
  // Empty objects are left out. An activity keeps an empty thread, so that the report asks for the thread's title.
  if (isEmpty(message.author)) delete message.author;
  if (isEmpty(message.thread?.status)) delete message.thread.status;
  if (isEmpty(message.thread) && chosen === "message") delete message.thread;
  return message;
}

const chosenEvent = () => [...events].find((input) => input.checked)?.value ?? "";

/** Lists the inputs outside the rows of fields, each with its path. */
function* inputs() {
  for (const element of form.elements) {
    const input = /** @type {Input} */ (element);
    if (input.dataset.path && !rows.contains(input)) yield/** @type {const} */ ([input.dataset.path, input]);
  }
}

function addRow(label = "", value = "") {
  const labelInput = el("input", { class: "label", "aria-label": "Field’s label", placeholder: "Label" });
  const valueInput = el("input", { class: "value", "aria-label": "Field’s value", placeholder: "Value" });
  labelInput.value = label;
  valueInput.value = value;
  const row = el(
    "div",
    { class: "row" },
    el("div", {}, labelInput),
    el("div", {}, valueInput),
    el("button", { type: "button", class: "quiet remove", "aria-label": "Remove the field" }, "×"),
  );
  rows.append(row);
  return row;
}

/**
 * Reads the rows of fields into the message. An empty row is not a field, so the index of a row in the form may differ from the index of its
 * field in the message. The paths of the inputs are therefore set here.
 *
 * @param {Json} message
 */
function readRows(message) {
  const fields = [];
  for (const [index, row] of [...rows.children].entries()) {
    const [label, value] = row.querySelectorAll("input");
    const path = `/thread/fields/${fields.length}`;
    const isBlank = label.value === "" && value.value === "";
    for (const [key, input] of Object.entries({ label, value })) {
      input.id = `field-${key}-${index}`;
      if (isBlank) delete input.dataset.path;
      else input.dataset.path = `${path}/${key}`;
    }
    if (!isBlank) fields.push({ label: label.value, value: value.value });
  }
  if (fields.length > 0) setAt(message, "/thread/fields", fields);
  else if (Array.isArray(valueAt(message, "/thread/fields"))) removeAt(message, "/thread/fields");
}

/** Shows the inputs that the chosen event uses, and the chosen colour. */
function showState() {
  const chosen = chosenEvent() || "activity";
  /** @type {NodeListOf<HTMLElement>} */
  const fields = form.querySelectorAll("[data-events]");
  for (const field of fields) {
    field.hidden = !field.dataset.events?.split(" ").includes(chosen);
  }
  byId("swatch").dataset.color = color.value;
}

/**
 * @param {Input} input
 * @param {unknown} value
 */
function asText(input, value) {
  const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
  // A select shows only its options, so an invalid colour is added as an option.
  if (input === color && ![...color.options].some((option) => option.value === text)) {
    color.append(el("option", {}, text));
  }
  return text;
}

/** @param {string} text */
const splitTags = (text) =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

/** @returns {string[]} */
function statusColors() {
  const { $defs } = /** @type {Json} */ (messageSchema);
  return $defs.Status.properties.color.enum.filter((/** @type {string | null} */ name) => name !== null);
}

/**
 * @param {unknown} value
 * @returns {value is Json}
 */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @param {unknown} value */
const isEmpty = (value) => isObject(value) && Object.keys(value).length === 0;

/** @param {string} path A JSON Pointer. */
const keysOf = (path) => path.split("/").slice(1);

/**
 * @param {Json} message
 * @param {string} path
 * @returns {unknown}
 */
function valueAt(message, path) {
  /** @type {unknown} */
  let value = message;
  for (const key of keysOf(path)) value = isObject(value) ? value[key] : undefined;
  return value;
}

/**
 * @param {Json} message
 * @param {string} path
 * @param {unknown} value
 */
function setAt(message, path, value) {
  const [last, ...keys] = keysOf(path).reverse();
  const parent = keys.reduceRight((object, key) => {
    if (!isObject(object[key])) object[key] = {};
    return object[key];
  }, message);
  parent[last] = value;
}

/**
 * @param {Json} message
 * @param {string} path
 */
function removeAt(message, path) {
  const parent = valueAt(message, path.slice(0, path.lastIndexOf("/")));
  if (isObject(parent)) delete parent[String(keysOf(path).at(-1))];
}
