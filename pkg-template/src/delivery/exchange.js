// One request and its answer in plain values, whatever a fetch does.

import { isOfRuntime } from "../options.js";
import { parse } from "../parse.js";
import { quietly } from "./quietly.js";

let decoder;

/**
 * @param seen Gets the status and `retryAfter` as soon as they are there; the body may take long, or never end.
 * @returns {Promise<{ status: number, retryAfter?: string, body } | { code: string, causeName?: string, cause? }>} Never rejects.
 *   The body is the JSON object or array in it, else its text, and null where it did not come whole: the status counts all the
 *   same. The cause is what was thrown, whatever it holds.
 */
export async function exchange(fetch, url, init, seen) {
  let response;
  try {
    // As a plain function: the runtime's own fetch refuses any other `this`.
    response = await fetch(url, init);
  } catch (cause) {
    const causeName = nameOf(cause) ?? ((await isBarred(url)) ? "ContentSecurityPolicy" : undefined);
    return { code: "network", causeName, cause };
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
    const text = String((await textOf(response, fetch)) ?? "");
    const json = parse(text);
    seen.body = Object(json) === json ? json : text;
  } catch {
    // Whatever is wrong with it.
  }
  return seen;
}

/** What `text` of the response gives. To read the body by pieces takes Node less time. */
async function textOf(response, fetch) {
  const reader = isOfRuntime(fetch) && globalThis.TextDecoder && response.body?.getReader?.();
  if (!reader) return response.text();
  const chunks = [];
  for (let read; !(read = await reader.read()).done; ) chunks.push(read.value);
  if (chunks.length < 2) return (decoder ??= new TextDecoder()).decode(chunks[0]);
  const parts = new TextDecoder();
  return chunks.map((chunk) => parts.decode(chunk, { stream: true })).join("");
}

/** Whether the page's own Content-Security-Policy kept a request back. A browser says so by an event alone, in the turn behind the rejection. */
async function isBarred(url) {
  const { document, MessageChannel } = globalThis;
  if (!document || !MessageChannel) return false;
  let barred = false;
  const look = ({ blockedURI }) => (barred ||= blockedURI.startsWith(new URL(url).origin));
  document.addEventListener("securitypolicyviolation", look);
  const { port1, port2 } = new MessageChannel();
  // No timer, which a test may hold.
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
  port1.close();
  document.removeEventListener("securitypolicyviolation", look);
  return barred;
}

/** A code such as ECONNREFUSED, or a name such as Deno's NotCapable; that something is a TypeError says nothing. */
function nameOf(error) {
  try {
    const name = error?.cause?.code ?? error?.code ?? error?.name;
    return /^(?!\w*Error$)[A-Z]\w{2,39}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
