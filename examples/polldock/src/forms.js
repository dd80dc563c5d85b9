// What a form of Polldock's pages brings, and where the browser goes from there.

/** The fields with these names as trimmed texts, empty where they are missing. */
export async function filled(request, names) {
  const form = await request.formData();
  return Object.fromEntries(names.map((name) => [name, text(form.get(name))]));
}

/** Of a field that stands several times. */
export async function filledList(request, name) {
  return (await request.formData()).getAll(name).map(text).filter((value) => value !== "");
}

function text(value) {
  return typeof value === "string" ? value.trim() : "";
}

/** To a page of Polldock's own. */
export function redirect(url, path, headers) {
  return new Response(null, { status: 303, headers: { location: new URL(path, url.origin).href, ...headers } });
}
