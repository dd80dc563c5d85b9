// Makes elements without parsing HTML: every string becomes text.

/** @typedef {Node | string | null | undefined} Child */

/**
 * Finds the element with this id, which is in index.html or was added by a script.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} [type] The class that the element must have. Default: HTMLElement.
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof (type ?? HTMLElement))) throw new TypeError(`there is no such element: ${id}`);
  return /** @type {E} */ (element);
}

/**
 * Makes an element. Attributes that are undefined, null or false are left out. `true` makes an empty attribute. A function becomes a
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
 * Shows a sentence of the package. The names and values in back-ticks become `code` elements.
 *
 * @param {string} sentence
 */
export function withCode(sentence) {
  return sentence.split("`").map((part, index) => (index % 2 === 1 ? el("code", {}, part) : part));
}

/**
 * Writes a number with its noun: `2 errors`, `1 error`.
 *
 * @param {number} number
 * @param {string} noun
 */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/**
 * Returns a URL from outside if it is an absolute http or https URL. Any other value gives undefined, and must not be followed or loaded.
 *
 * @param {unknown} text
 */
export function webUrl(text) {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return ["http:", "https:"].includes(url.protocol) ? url.href : undefined;
}

/**
 * Makes a button for an action that cannot be undone. The first click asks the question, and the second click acts. The question is taken
 * back when the button loses the focus.
 *
 * @param {{ text: string, question: string, label: string, act: () => unknown }} options `label` is the accessible name.
 */
export function confirmButton({ text, question, label, act }) {
  const takeBack = () => {
    delete button.dataset.asked;
    button.textContent = text;
  };
  const click = () => {
    if (button.dataset.asked) {
      takeBack();
      act();
      return;
    }
    button.dataset.asked = "true";
    button.textContent = question;
  };
  const button = el("button", { type: "button", class: "quiet", "aria-label": label, click, blur: takeBack }, text);
  return button;
}

/**
 * Shows a time: the hour if it is today, or else the day. Any value that is no time gives null.
 *
 * @param {string | number | null | undefined} time
 */
export function shortTime(time) {
  const when = new Date(time ?? Number.NaN);
  if (Number.isNaN(when.getTime())) return null;
  const isToday = when.toDateString() === new Date().toDateString();
  const short = isToday ? when.toLocaleTimeString([], { timeStyle: "short" }) : when.toLocaleDateString();
  return el("time", { datetime: when.toISOString(), title: when.toLocaleString() }, short);
}
