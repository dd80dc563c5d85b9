// Finds the elements of the extension's pages.

/**
 * Finds the element with this id in the page.
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
