// Text of others as the HTML that a message takes.

import { html } from "flowdock-integration";

/** A text as a body that shows it, line by line. Markdown stays as it was typed. */
export function lines(text) {
  return html`${(text ?? "").trim().split(/\r\n|\r|\n/).map((line, index) => (index > 0 ? html`<br>${line}` : line))}`;
}

/** A thread's fields, without those that have no value. What is not HTML by the tag `html` is text. */
export function fields(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return filled.map(([label, value]) => [label, html`${value}`]);
}
