// What the views make their elements with: lit-html, and a few directives. A template writes no HTML of other people: values become text, and
// message-html.js makes the nodes of messages.

import { html, nothing, render } from "lit-html";
import { Directive, directive } from "lit-html/directive.js";
import { live } from "lit-html/directives/live.js";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";

export { html, live, nothing, ref, render, repeat };

/** @typedef {import("lit-html").TemplateResult | typeof nothing | string | Node | (import("lit-html").TemplateResult | Node | string)[]} View */

/**
 * Sets styles of an element: `<div ${styles({ top: "4px" })}>`. The page's Content-Security-Policy forbids the attribute `style`, and allows
 * what this directive does.
 */
export const styles = directive(
  class extends Directive {
    /**
     * @param {import("lit-html/directive.js").ElementPart} part
     * @param {[Record<string, string>]} values
     */
    update({ element }, [values]) {
      const { style } = /** @type {HTMLElement} */ (element);
      for (const [name, value] of Object.entries(values)) style.setProperty(name, value);
      return nothing;
    }

    /** @param {Record<string, string>} _ */
    render(_) {
      return nothing;
    }
  },
);

/**
 * Shows a sentence of the package. The names and values in back-ticks become `code` elements.
 *
 * @param {string} sentence
 */
export const withCode = (sentence) =>
  sentence.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

/**
 * A link to another site, in a new tab.
 *
 * @param {string} href
 * @param {View} content
 */
export const outwards = (href, content) =>
  html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow">${content}</a>`;
