// Shows the HTML of messages, which others wrote. The package's sanitiser writes it anew with nothing in it but what a
// title or a body may hold; what it returns is what a browser builds of it.

import { sanitizeBody, sanitizeTitle } from "./pkg/index.js";

/** @typedef {(id: string, picture: HTMLImageElement) => unknown} Attached Shows an attachment in an element; false where it cannot. */

// The page's policy lets no string become HTML but through this name, and nothing goes through it unsanitised.
const policy = globalThis.trustedTypes?.createPolicy("message-html", {
  createHTML: (/** @type {string} */ html) => html,
});

/**
 * What `html` shows as a title, a field's label or its value: text and links.
 *
 * @param {unknown} html
 */
export const titleNodes = (html) => (typeof html === "string" ? nodes(sanitizeTitle(html)) : []);

/**
 * What `html` shows as a body.
 *
 * @param {unknown} html
 * @param {Attached} [attached]
 */
export const bodyNodes = (html, attached) => (typeof html === "string" ? nodes(sanitizeBody(html), attached) : []);

/**
 * @param {string} clean
 * @param {Attached} [attached]
 */
function nodes(clean, attached) {
  const template = document.createElement("template");
  template.innerHTML = policy?.createHTML(clean) ?? clean;
  const { content } = template;
  for (const link of content.querySelectorAll("a")) {
    Object.assign(link, { rel: "noopener noreferrer nofollow", target: "_blank" });
  }
  for (const picture of content.querySelectorAll("img")) {
    const [, id] = /^cid:(.*)/i.exec(picture.getAttribute("src")?.trim() ?? "") ?? [];
    if (id === undefined) {
      Object.assign(picture, { loading: "lazy", referrerPolicy: "no-referrer" });
    } else {
      // No address that a browser could ask for.
      picture.removeAttribute("src");
      // What is written for an attachment stands in the place of one that is not there.
      if (!attached?.(id, picture)) picture.replaceWith(picture.alt);
    }
  }
  return [...content.childNodes];
}
