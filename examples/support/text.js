// Text of others as the HTML that a message takes.

import { html, validate } from "flowdock-integration";

/** @import { SafeHtml } from "flowdock-integration" */

/**
 * A text as a body that shows it, line by line. Markdown stays as it was typed.
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
 * A link, or what it would show where there is no address to lead to.
 *
 * @param {unknown} address
 * @param {unknown} shown
 */
export function link(address, shown) {
  const url = webUrl(address);
  return url ? html`<a href="${url}">${shown}</a>` : html`${shown}`;
}

/**
 * An address as a message may have it, by the rules of the package: as it is, or as a browser would write it.
 *
 * @param {unknown} value
 * @returns {string | undefined} None for everything else.
 */
export function webUrl(value) {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  return [value, new URL(value).href].find(
    (avatar) => validate({ event: "message", content: "-", author: { avatar } }).valid,
  );
}

/**
 * A thread's fields, without those that have no value. What is not HTML by the tag `html` is text.
 *
 * @param {Record<string, unknown>} values
 * @returns {[string, SafeHtml][]}
 */
export function fields(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return filled.map(([label, value]) => [label, html`${value}`]);
}
