// What a form of Polldock's pages brings, and where the browser goes from there.

/** @returns {Promise<{ text(name: string): string, texts(name: string): string[] }>} Its fields, trimmed; blank ones are not there. */
export async function readForm(request) {
  // What is no form has no fields.
  const form = await request.formData().catch(() => new FormData());
  const texts = (name) => form.getAll(name).map((value) => String(value).trim()).filter((value) => value !== "");
  return { texts, text: (name) => texts(name)[0] ?? "" };
}

/** To a page of Polldock's own. */
export function redirect(url, path, headers) {
  return new Response(null, { status: 303, headers: { location: new URL(path, url.origin).href, ...headers } });
}
