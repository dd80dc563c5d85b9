// What a form of Polldock's pages brings, and where the browser goes from there.

/** @returns Its fields by name, trimmed: `text(name)` is empty and `texts(name)` has none where nothing was filled in. */
export async function readForm(request) {
  // What is no form has no fields.
  const form = await request.formData().catch(() => new FormData());
  const texts = (name) =>
    form
      .getAll(name)
      .map((value) => String(value).trim())
      .filter((value) => value !== "");
  return { texts, text: (name) => texts(name)[0] ?? "" };
}

/** To a page of Polldock's own. */
export function redirect(url, path, headers) {
  return new Response(null, { status: 303, headers: { location: new URL(path, url.origin).href, ...headers } });
}
