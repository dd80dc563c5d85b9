// One request and its answer in plain values, whatever a fetch does.

import { isOfRuntime } from "./own.js";
import { parse } from "./parse.js";
import { quietly } from "./quietly.js";

const decoder = /* @__PURE__ */ new TextDecoder();

/**
 * @param seen Gets the status and `retryAfter` as soon as they are there; the body may take long, or never end.
 * @returns {Promise<{ status: number, retryAfter?: string, body } | { code: string, detail?: string }>} Never rejects. The
 *   body is what its JSON holds, a text where it is none, and null where it did not come whole: the status counts all the same.
 */
export async function exchange(fetch, url, init, seen) {
  let response;
  try {
    // As a plain function: the runtime's own fetch refuses any other `this`.
    response = await fetch(url, init);
  } catch (error) {
    return { code: "network", detail: codeOf(error) };
  }
  try {
    // A browser shows nothing else of a redirect that it was told not to follow.
    if (response.type === "opaqueredirect") return { code: "redirect_refused" };
    // Judged by what it has: a Response of another realm is no instance of this one's.
    const { status } = response;
    const isResponse = status === status >>> 0 && typeof response.text === "function";
    // If nobody waits any more, a fetch of the caller's own has not listened.
    if (!isResponse || init.signal.aborted) {
      quietly(() => response.body.cancel());
      return { code: "bad_response" };
    }
    // Nobody asks a success for it, and to look costs some microseconds.
    if (status > 299) {
      const retryAfter = response.headers?.get?.("retry-after");
      if (typeof retryAfter === "string") seen.retryAfter = retryAfter;
    }
    seen.status = status;
    seen.body = null;
  } catch {
    return { code: "bad_response" };
  }
  try {
    seen.body = parse(String(await textOf(response, fetch)));
  } catch {
    // Whatever is wrong with it.
  }
  return seen;
}

/** What `text` of the response gives. To read the body by pieces takes Node less time. */
async function textOf(response, fetch) {
  const reader = isOfRuntime(fetch) && response.body?.getReader?.();
  if (!reader) return response.text();
  const chunks = [];
  for (let read; !(read = await reader.read()).done; ) chunks.push(read.value);
  if (chunks.length < 2) return decoder.decode(chunks[0]);
  const parts = new TextDecoder();
  return chunks.map((chunk) => parts.decode(chunk, { stream: true })).join("");
}

/** Such as ECONNREFUSED. Nothing else is told of a cause: its text may hold the URL or the body. */
function codeOf(error) {
  try {
    const code = error?.cause?.code ?? error?.code;
    return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,39}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
