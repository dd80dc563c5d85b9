// The elements of the extension's pages.

/**
 * The element with this id, which stands in the page's HTML.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} type
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`the page has no such element: ${id}`);
  return element;
}
