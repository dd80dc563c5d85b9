// What a form of Polldock's pages brings, and where the browser goes from there.

/**
 * @param {Request} request
 * @returns Its fields by name, trimmed: `text(name)` is empty and `texts(name)` has none where nothing was filled in.
 */
export async function readForm(request) {
  // What is no form has no fields.
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
 * To a page of Polldock's own.
 *
 * @param {URL} url
 * @param {string} path
 * @param {Record<string, string>} [headers]
 */
export function redirect(url, path, headers) {
  return new Response(null, { status: 303, headers: { location: new URL(path, url.origin).href, ...headers } });
}
