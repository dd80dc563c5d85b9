// The form and the message it stands for.
//
// index.html is the table: each input says in data-path where its value stands in the message. What a message holds
// beside that (actions, an unknown key) has no input; it is kept and goes out again as it came.

import { byId, el } from "./dom.js";
import { messageSchema } from "./pkg/index.js";

const form = byId("message-form");
const rows = byId("fields");
const color = byId("status-color");

/** The message that the form was last filled with. */
let base = {};

/** Prepares the form; `changed` is called after each change that a person makes. */
export function startForm(changed) {
  color.append(...statusColors().map((name) => el("option", {}, name)));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    showState();
    changed();
  });
  byId("add-field").addEventListener("click", () => {
    addRow().querySelector("input").focus();
    changed();
  });
  rows.addEventListener("click", ({ target }) => {
    if (!target.matches(".remove")) return;
    target.closest(".row").remove();
    byId("add-field").focus();
    changed();
  });
}

/** Shows a message. */
export function fillForm(message) {
  base = structuredClone(message);
  for (const input of form.elements.event) input.checked = input.value === base.event;
  for (const input of inputs()) input.value = asText(input, valueAt(base, input.dataset.path));
  const fields = valueAt(base, "/thread/fields");
  rows.replaceChildren();
  for (const field of Array.isArray(fields) ? fields : []) addRow(field?.label, field?.value);
  showState();
}

/** The message as the form has it: what is empty, and what the chosen event has no use for, is left out. */
export function readForm() {
  const message = structuredClone(base);
  const chosen = form.elements.event.value;
  if (chosen) message.event = chosen;
  for (const input of inputs()) {
    const value = input.closest("[hidden]") ? "" : input.value;
    if (value === "") removeAt(message, input.dataset.path);
    else setAt(message, input.dataset.path, input.id === "tags" ? splitTags(value) : value);
  }
  readRows(message);
  // A key is there for what is in it; but an activity without its thread is told about the thread's title.
  if (isEmpty(message.author)) delete message.author;
  if (isEmpty(message.thread?.status)) delete message.thread.status;
  if (isEmpty(message.thread) && chosen === "message") delete message.thread;
  return message;
}

const inputs = () => [...form.elements].filter((input) => input.dataset.path && !rows.contains(input));

function addRow(label = "", value = "") {
  const row = el(
    "div",
    { class: "row" },
    el("div", {}, el("input", { class: "label", "aria-label": "Field’s label", placeholder: "Label" })),
    el("div", {}, el("input", { class: "value", "aria-label": "Field’s value", placeholder: "Value" })),
    el("button", { type: "button", class: "quiet remove", "aria-label": "Remove the field" }, "×"),
  );
  row.querySelector(".label").value = label;
  row.querySelector(".value").value = value;
  rows.append(row);
  return row;
}

/** A row that nobody wrote in is no field yet, so a row's place in the message is known only here. */
function readRows(message) {
  const fields = [];
  for (const [index, row] of [...rows.children].entries()) {
    const [label, value] = [row.querySelector(".label"), row.querySelector(".value")];
    const path = `/thread/fields/${fields.length}`;
    const isBlank = label.value === "" && value.value === "";
    for (const [input, key] of [
      [label, "label"],
      [value, "value"],
    ]) {
      input.id = `field-${key}-${index}`;
      if (isBlank) delete input.dataset.path;
      else input.dataset.path = `${path}/${key}`;
    }
    if (!isBlank) fields.push({ label: label.value, value: value.value });
  }
  if (fields.length > 0) setAt(message, "/thread/fields", fields);
  else if (Array.isArray(valueAt(message, "/thread/fields"))) removeAt(message, "/thread/fields");
}

/** Shows what the chosen event needs, and the colour. */
function showState() {
  const chosen = form.elements.event.value || "activity";
  for (const field of form.querySelectorAll("[data-events]")) {
    field.hidden = !field.dataset.events.split(" ").includes(chosen);
  }
  byId("swatch").dataset.color = color.value;
}

function asText(input, value) {
  const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
  // A select shows only what it lists; a wrong colour has to be seen too.
  if (input === color && ![...color.options].some((option) => option.value === text)) {
    color.append(el("option", {}, text));
  }
  return text;
}

const splitTags = (text) =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

const statusColors = () => messageSchema.$defs.Status.properties.color.enum.filter((name) => name !== null);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isEmpty = (value) => isObject(value) && Object.keys(value).length === 0;

const keysOf = (path) => path.split("/").slice(1);

function valueAt(message, path) {
  return keysOf(path).reduce((value, key) => (isObject(value) ? value[key] : undefined), message);
}

function setAt(message, path, value) {
  const keys = keysOf(path);
  const last = keys.pop();
  const parent = keys.reduce((object, key) => {
    if (!isObject(object[key])) object[key] = {};
    return object[key];
  }, message);
  parent[last] = value;
}

function removeAt(message, path) {
  const parent = valueAt(message, path.slice(0, path.lastIndexOf("/")));
  if (isObject(parent)) delete parent[keysOf(path).at(-1)];
}
