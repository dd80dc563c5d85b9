// The draft: the message that is being written, in the form or as JSON text. It is kept for this tab, so a reload or going back loses
// nothing. What replaces a draft as a whole can be undone.

import { validate, validateJson } from "flowdock-integration";
import { redraw } from "../page/redraw.js";
import { toast } from "../page/toast.js";
import { load, save } from "./draft-store.js";
import { examples } from "./examples.js";
import { isEmpty, isObject, valueAt, withValue } from "./pointer.js";

/** @import { Report } from "flowdock-integration" */
/** @import { JsonObject } from "./pointer.js" */

/** @typedef {"fields" | "actions"} RowKind The lists of a thread that the form shows as rows. */
/** @typedef {{ id: string, file: File }} AttachedFile */

/**
 * `message` is the message of the form. In JSON mode it is the message of the last text that was valid JSON. `text` is the JSON text; in the
 * form it is a text that is not a message yet, or undefined. A row without any text is not in the message. `spare` has the values that were
 * removed when the user chose another event, by path.
 *
 * @typedef Draft
 * @property {"form" | "json"} mode
 * @property {JsonObject} message
 * @property {string} [text]
 * @property {Record<RowKind, unknown[]>} rows
 * @property {Record<string, unknown>} spare
 * @property {AttachedFile[]} files
 */

/** @type {Draft} */
let current = start();
/** @type {{ of: Draft, report: Report } | undefined} */
let checked;
/** @type {(() => void)[]} */
const listeners = [];

export const draft = () => current;

/** @param {() => void} listener Called after each change. */
export function onDraftChange(listener) {
  listeners.push(listener);
}

/** The report of the draft. */
export function report() {
  if (checked?.of !== current) {
    const { mode, message, text = "" } = current;
    checked = { of: current, report: mode === "json" ? validateJson(text) : validate(message) };
  }
  return checked.report;
}

/** The message that would be posted, or undefined while the text is no JSON. @returns {unknown} */
export function wholeMessage() {
  if (current.mode === "form") return current.message;
  try {
    return JSON.parse(current.text ?? "");
  } catch {
    return undefined;
  }
}

/**
 * Makes a draft of a message.
 *
 * @param {JsonObject} message
 * @param {Draft["mode"]} [mode]
 * @returns {Draft}
 */
export function draftOf(message, mode = "form") {
  const text = mode === "json" ? write(message) : undefined;
  return { mode, message, text, rows: rowsOf(message), spare: {}, files: [] };
}

/**
 * Puts another draft in the place of this one, and offers to undo that.
 *
 * @param {Draft} next
 * @param {string} said What happened, as a sentence for the user.
 */
export function replaceDraft(next, said) {
  const former = current;
  become(next);
  toast(said, { button: "Undo", act: () => become(former) });
}

/** @param {Draft["mode"]} mode */
export function setMode(mode) {
  const { message, text } = current;
  if (mode === current.mode) return;
  if (mode === "json") become({ ...current, mode, text: text ?? write(message) });
  else if (messageIn(text ?? "")) become({ ...current, mode, text: undefined, rows: rowsOf(message) });
  else {
    const said = "The form shows the last valid message. The JSON text is kept: you can go on with it.";
    replaceDraft({ ...current, mode, rows: rowsOf(message) }, said);
  }
}

/** @param {string} text */
export function setText(text) {
  become({ ...current, text, message: messageIn(text) ?? current.message });
}

/** Writes the text anew from the last message that it was. */
export function dropText() {
  replaceDraft({ ...current, text: write(current.message) }, "The text shows the last valid message again.");
}

/**
 * Sets a value of the message in the form. Undefined removes it.
 *
 * @param {string} path
 * @param {unknown} value
 */
export function setValue(path, value) {
  become({ ...current, message: tidy(withValue(current.message, path, value)) });
}

/**
 * Chooses the event. The values that it does not use are put aside, until another event uses them.
 *
 * @param {string} event
 * @param {readonly { path: string, events: readonly string[] }[]} fields
 */
export function setEvent(event, fields) {
  let message = withValue(current.message, "/event", event);
  const spare = { ...current.spare };
  for (const { path, events } of fields) {
    const value = valueAt(message, path);
    if (!events.includes(event)) {
      if (value === undefined) continue;
      spare[path] = value;
      message = withValue(message, path, undefined);
    } else if (value === undefined && path in spare) {
      message = withValue(message, path, spare[path]);
      delete spare[path];
    }
  }
  become({ ...current, message: tidy(message), spare });
}

/**
 * @param {RowKind} kind
 * @param {unknown[]} rows
 */
export function setRows(kind, rows) {
  const path = `/thread/${kind}`;
  const filled = rows.filter((row) => !isBlank(row));
  // A list of a wrong type has no rows. It is kept until a row is written.
  const isKept = filled.length === 0 && !Array.isArray(valueAt(current.message, path));
  const value = filled.length === 0 ? undefined : filled;
  const message = isKept ? current.message : tidy(withValue(current.message, path, value));
  become({ ...current, rows: { ...current.rows, [kind]: rows }, message });
}

/** @param {AttachedFile[]} files */
export function setFiles(files) {
  become({ ...current, files });
}

/**
 * Whether a row has no text yet. The type and the method of an action are choices, not texts.
 *
 * @param {unknown} row
 * @returns {boolean}
 */
export function isBlank(row) {
  if (!isObject(row)) return false;
  const { "@type": _, httpMethod: __, ...texts } = row;
  return Object.values(texts).every((value) => value === "" || (isObject(value) && isBlank(value)));
}

/** @param {Draft} next */
function become(next) {
  current = next;
  save(next);
  for (const listener of listeners) listener();
  redraw();
}

/** @returns {Draft} */
function start() {
  const { mode, message, text } = load() ?? {};
  const begun = draftOf(message ?? examples[0].message, mode);
  return text === undefined ? begun : { ...begun, text };
}

/** @param {JsonObject} message */
function write(message) {
  return JSON.stringify(message, null, 2);
}

/**
 * Returns the message that a text is, or undefined if it is no JSON object.
 *
 * @param {string} text
 */
function messageIn(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves out empty objects. An activity keeps an empty thread, so that the report asks for the thread's title. @param {JsonObject} message */
function tidy(message) {
  let tidied = message;
  for (const path of ["/author", "/thread/status", ...(message.event === "message" ? ["/thread"] : [])]) {
    if (isEmpty(valueAt(tidied, path))) tidied = withValue(tidied, path, undefined);
  }
  return tidied;
}

/** @param {JsonObject} message @returns {Draft["rows"]} */
function rowsOf(message) {
  const listAt = (/** @type {string} */ path) => {
    const list = valueAt(message, path);
    return Array.isArray(list) ? list : [];
  };
  return { fields: listAt("/thread/fields"), actions: listAt("/thread/actions") };
}
