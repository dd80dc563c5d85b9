// Converts texts from outside to HTML for messages.

import { html, validate } from "flowdock-integration";

/** @import { SafeHtml } from "flowdock-integration" */

/**
 * Converts a text to a body that shows it line by line. Markdown is shown as it was typed.
 *
 * @param {string | null | undefined} text
 */
export function lines(text) {
  return html`${(text ?? "")
    .trim()
    .split(/\r\n|\r|\n/)
    .map((line, index) => (index > 0 ? html`<br>${line}` : line))}`;
}

/**
 * Makes a link, or only its text if the address cannot be used.
 *
 * @param {unknown} address
 * @param {unknown} shown
 */
export function link(address, shown) {
  const url = webUrl(address);
  return url ? html`<a href="${url}">${shown}</a>` : html`${shown}`;
}

/**
 * Returns an address in a form that the package accepts: unchanged, or normalised as in a browser.
 *
 * @param {unknown} value
 * @returns {string | undefined} Undefined if the package accepts neither form.
 */
export function webUrl(value) {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  return [value, new URL(value).href].find(
    (avatar) => validate({ event: "message", content: "-", author: { avatar } }).valid,
  );
}

/**
 * Makes the fields of a thread, without those that have no value. A value is text, unless the tag `html` made it.
 *
 * @param {Record<string, unknown>} values
 * @returns {[string, SafeHtml][]}
 */
export function fields(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return filled.map(([label, value]) => [label, html`${value}`]);
}
