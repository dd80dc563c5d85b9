// One request and its answer in plain values, whatever a fetch does.

import { parse } from "../parse.js";
import { quietly } from "./quietly.js";

/**
 * What a request ended with: a status, or the code of a failure. The body is the JSON object or array in it, else its text, and
 * null where it did not come whole: the status counts all the same. The cause is what was thrown, whatever it holds.
 *
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {string} [retryAfter] The header `Retry-After`.
 * @property {any} [body]
 * @property {string} [code]
 * @property {string} [causeName] Of `network`: a name for the cause, such as `ECONNREFUSED`.
 * @property {number} [timeoutMs] Of `timeout`: the time that is over.
 * @property {boolean} [inFlight] Of `aborted`: whether the request was in flight.
 * @property {unknown} [cause]
 */

/**
 * @param {import("../options.js").Fetch} fetch
 * @param {string} url
 * @param {RequestInit & { signal: AbortSignal }} init
 * @param {Answer} seen Gets the status and `retryAfter` as soon as they are there; the body may take long, or never end.
 * @returns {Promise<Answer>} Never rejects.
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
      const { body } = response;
      quietly(() => body?.cancel());
      return { code: "bad_response" };
    }
    const retryAfter = response.headers?.get?.("retry-after");
    if (typeof retryAfter === "string") seen.retryAfter = retryAfter;
    seen.status = status;
    seen.body = null;
  } catch {
    return { code: "bad_response" };
  }
  try {
    const text = String((await response.text()) ?? "");
    const json = parse(text);
    seen.body = Object(json) === json ? json : text;
  } catch {
    // The status counts, whatever is wrong with the body.
  }
  return seen;
}

/**
 * Whether the page's own Content-Security-Policy kept a request back. A browser says so by an event alone, in the turn behind
 * the rejection.
 *
 * @param {string} url
 */
async function isBarred(url) {
  const { document, MessageChannel } = globalThis;
  if (!document || !MessageChannel) return false;
  let barred = false;
  /** @param {SecurityPolicyViolationEvent} event */
  const look = ({ blockedURI }) => {
    if (blockedURI.startsWith(new URL(url).origin)) barred = true;
  };
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

/**
 * A code such as ECONNREFUSED, or a name such as Deno's NotCapable; that something is a TypeError says nothing.
 *
 * @param {any} error
 * @returns {string | undefined}
 */
function nameOf(error) {
  try {
    const name = error?.cause?.code ?? error?.code ?? error?.name;
    return /^(?!\w*Error$)[A-Z]\w{2,39}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
