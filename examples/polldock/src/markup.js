// The template tag for Polldock's own pages. The package's tag `html` is for messages, and refuses the forms that a page needs.

import { escapeHtml } from "flowdock-integration";

/** HTML that the tag `markup` made. */
class Markup {
  #text;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  toString() {
    return this.#text;
  }
}

/**
 * Makes HTML with each value escaped. A template may have values only in text and in quoted attributes. The tag does not check that, because all
 * templates are in this folder.
 *
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 */
export function markup(strings, ...values) {
  return new Markup(String.raw({ raw: strings }, ...values.map(written)));
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function written(value) {
  if (Array.isArray(value)) return value.map(written).join("");
  if (value instanceof Markup) return String(value);
  return value === null || value === undefined ? "" : escapeHtml(String(value));
}
