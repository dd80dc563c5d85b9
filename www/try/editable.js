// A text field whose errors are underlined where they are. It is an editable element, in which the browser can highlight ranges of text.
// Where the browser cannot, it is a textarea without underlining.

import { Directive, directive } from "lit-html/directive.js";
import { html, live, nothing } from "../page/render.js";
import { positionAt, textOf, writeText } from "./editable-text.js";
import { underline } from "./underline.js";

/** @import { Marked } from "./underline.js" */

/**
 * @typedef Editable
 * @property {string} id
 * @property {string} labelledBy The id of its label.
 * @property {string} value
 * @property {(value: string) => void} change
 * @property {Marked[]} [marks] What to underline.
 * @property {boolean} [isLine] Whether it is one line: line breaks become spaces.
 * @property {boolean} [isCode]
 * @property {boolean} [isInvalid]
 * @property {string} [describedBy]
 * @property {string} [path] The JSON Pointer of its value.
 */

const canUnderline = "highlights" in CSS && acceptsPlainText();

/** @param {Editable} field */
export function editable(field) {
  const { id, labelledBy, value, change, isLine = false, isCode = false, isInvalid = false, describedBy, path } = field;
  const invalid = isInvalid ? "true" : nothing;
  /** @param {string} text */
  const changed = (text) => change(isLine ? oneLine(text) : text);
  if (!canUnderline) {
    /** @param {Event} event */
    const input = ({ target }) => changed(/** @type {HTMLTextAreaElement} */ (target).value);
    return html`<textarea id=${id} rows=${isLine ? 1 : 2} aria-labelledby=${labelledBy} aria-invalid=${invalid} class=${isCode ? "code" : nothing}
      aria-describedby=${describedBy ?? nothing} data-path=${path ?? nothing} spellcheck=${isCode ? "false" : nothing}
      ?data-line=${isLine} @keydown=${isLine ? noLineBreak : nothing} .value=${live(value.replace(/\r\n?/g, "\n"))} @input=${input}></textarea>`;
  }
  /** @param {Event} event */
  const input = ({ target }) => changed(textOf(/** @type {HTMLElement} */ (target)));
  return html`<div id=${id} contenteditable="plaintext-only" tabindex="0" role="textbox" aria-multiline=${String(!isLine)} aria-labelledby=${labelledBy}
    aria-invalid=${invalid} aria-describedby=${describedBy ?? nothing} data-path=${path ?? nothing} class=${isCode ? "code" : nothing}
    spellcheck=${isCode ? "false" : nothing} autocapitalize=${isCode ? "off" : nothing} ?data-line=${isLine} dir=${isCode ? "ltr" : "auto"}
    @beforeinput=${isLine ? keepToOneLine : nothing} @input=${input} ${content(value, field.marks ?? [])}></div>`;
}

/**
 * Focuses a field, and selects a part of its text.
 *
 * @param {Element} element
 * @param {number} offset In UTF-16 code units.
 * @param {number} length
 */
export function selectText(element, offset, length) {
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement) {
    element.focus();
    element.setSelectionRange(offset, offset + length);
  } else if (element instanceof HTMLElement) {
    element.focus();
    const [start, end] = [positionAt(element, offset), positionAt(element, offset + length)];
    getSelection()?.setBaseAndExtent(start.node, start.offset, end.node, end.offset);
    start.node.parentElement?.scrollIntoView({ block: "nearest" });
  }
}

/** Writes the text if it is another one, so that the caret stays while the user types, and underlines its errors. */
const content = directive(
  class extends Directive {
    /**
     * @param {import("lit-html/directive.js").ElementPart} part
     * @param {[string, Marked[]]} values
     */
    update({ element }, [value, marks]) {
      const field = /** @type {HTMLElement} */ (element);
      if (textOf(field) !== value) writeText(field, value);
      underline(field, marks);
      return nothing;
    }

    /**
     * @param {string} _value
     * @param {Marked[]} _marks
     */
    render(_value, _marks) {
      return nothing;
    }
  },
);

/** @param {string} text */
const oneLine = (text) => text.replace(/\s*[\r\n]+\s*/g, " ");

/** @param {InputEvent} event */
function keepToOneLine(event) {
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  if (event.inputType === "insertParagraph" || event.inputType === "insertLineBreak") event.preventDefault();
  else if (/[\r\n]/.test(text)) {
    event.preventDefault();
    // The browser inserts it, so that its own undo knows of it.
    document.execCommand("insertText", false, oneLine(text));
  }
}

/** @param {KeyboardEvent} event */
function noLineBreak(event) {
  if (event.key === "Enter") event.preventDefault();
}

function acceptsPlainText() {
  try {
    document.createElement("div").contentEditable = "plaintext-only";
    return true;
  } catch {
    return false;
  }
}
