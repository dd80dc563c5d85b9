// Shows the HTML of messages, which other people wrote. The package's sanitiser rewrites it so that it contains only the elements and
// attributes that a title or a body allows. A browser builds exactly the elements that the sanitised HTML shows.

import { sanitizeBody, sanitizeTitle } from "flowdock-integration";

/** @typedef {(id: string, picture: HTMLImageElement) => unknown} Attached Shows an attachment in an element. The result is falsy if there is no such attachment. */

// The page's Content-Security-Policy allows strings to become HTML only through this Trusted Types policy. All HTML is sanitised before.
const policy = globalThis.trustedTypes?.createPolicy("message-html", {
  createHTML: (/** @type {string} */ html) => html,
});

/**
 * Returns the nodes of HTML that is a title, a field's label or a field's value: text and links.
 *
 * @param {unknown} html
 */
export const titleNodes = (html) => (typeof html === "string" ? nodes(sanitizeTitle(html)) : []);

/**
 * Returns the nodes of HTML that is a body.
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
  // Lines that are too long scroll, also for who has no mouse.
  for (const lines of content.querySelectorAll("pre")) lines.tabIndex = 0;
  for (const picture of content.querySelectorAll("img")) {
    const [, id] = /^cid:(.*)/i.exec(picture.getAttribute("src")?.trim() ?? "") ?? [];
    if (id === undefined) {
      Object.assign(picture, { loading: "lazy", referrerPolicy: "no-referrer" });
    } else {
      // A browser cannot load a `cid:` URL.
      picture.removeAttribute("src");
      // If there is no such attachment, its alternative text replaces the picture.
      if (!attached?.(id, picture)) picture.replaceWith(picture.alt);
    }
  }
  return [...content.childNodes];
}
