// Makes elements without ever reading HTML: text goes in as text.

/** @typedef {Node | string | null | undefined} Child */

/**
 * The element with this id. It stands in index.html, or a script has put it into the page.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} [type] What is used of it; without one, what all elements have.
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof (type ?? HTMLElement))) throw new TypeError(`there is no such element: ${id}`);
  return /** @type {E} */ (element);
}

/**
 * An element. Attributes that are undefined, null or false are left out, true is an empty one, and a function is a
 * listener: `{ click: () => … }`. Children that are strings become text; undefined and null are left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: Event) => unknown)>} attributes
 * @param {...(Child | Child[])} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/**
 * A sentence of the package, which stands names and values in back-ticks.
 *
 * @param {string} sentence
 */
export function withCode(sentence) {
  return sentence.split("`").map((part, index) => (index % 2 === 1 ? el("code", {}, part) : part));
}

/**
 * `2 errors`, `1 error`.
 *
 * @param {number} number
 * @param {string} noun
 */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/**
 * An absolute http or https URL of somebody else's, or undefined for anything that may not be followed or loaded.
 *
 * @param {unknown} text
 */
export function webUrl(text) {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return ["http:", "https:"].includes(url.protocol) ? url.href : undefined;
}
