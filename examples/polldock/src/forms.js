// Reads the forms of Polldock's pages, and redirects the browser afterwards.

/**
 * Reads a form.
 *
 * @param {Request} request
 * @returns Functions that return trimmed values by name: `text(name)` the first one or the empty string, `texts(name)` all that are not empty.
 */
export async function readForm(request) {
  // A body that is not a form has no fields.
  const form = await request.formData().catch(() => new FormData());
  /** @param {string} name */
  const texts = (name) =>
    form
      .getAll(name)
      .map((value) => String(value).trim())
      .filter((value) => value !== "");
  return { texts, text: (/** @type {string} */ name) => texts(name)[0] ?? "" };
}

/**
 * Redirects the browser to one of Polldock's pages.
 *
 * @param {URL} url
 * @param {string} path
 * @param {Record<string, string>} [headers]
 */
export function redirect(url, path, headers) {
  return new Response(null, { status: 303, headers: { location: new URL(path, url.origin).href, ...headers } });
}
