// Makes one request and describes its answer in plain values, whatever the `fetch` function does.

import { parse } from "../parse.js";
import { quietly } from "./quietly.js";

/**
 * How a request ended: with a status, or with the code of a failure.
 *
 * @typedef {object} Answer
 * @property {number} [status] It counts even if the body did not arrive completely.
 * @property {string} [retryAfter] The header `Retry-After`.
 * @property {boolean} [deduplicates] Whether the server stores a message once, however often it comes with the same uuid.
 * @property {any} [body] A JSON object or array as its value, any other body as text; null when it did not arrive completely.
 * @property {string} [code]
 * @property {string} [causeName] With `network`: a name for the cause, such as `ECONNREFUSED`.
 * @property {number} [timeoutMs] With `timeout`: the time limit that was exceeded.
 * @property {boolean} [inFlight] With `aborted`: whether the request was in flight.
 * @property {unknown} [cause] The value that was thrown. It may hold a secret.
 */

/**
 * Makes the request.
 *
 * @param {import("../options.js").Fetch} fetch
 * @param {string} url
 * @param {RequestInit & { signal: AbortSignal }} init
 * @param {Answer} seen Gets `status` and `retryAfter` as soon as the headers arrive. The body may take long, or never end.
 * @returns {Promise<Answer>} Never rejects.
 */
export async function exchange(fetch, url, init, seen) {
  let response;
  try {
    // Called as a plain function, because the runtime's own fetch refuses any other `this`.
    response = await fetch(url, init);
  } catch (cause) {
    const causeName = nameOf(cause) ?? ((await isBarred(url)) ? "ContentSecurityPolicy" : undefined);
    return { code: "network", causeName, cause };
  }
  try {
    // With `redirect: "manual"` a browser gives an opaque response for a redirect: neither its status nor its URL is visible.
    if (response.type === "opaqueredirect") return { code: "redirect_refused" };
    // Judged by its properties: `instanceof Response` is false for a Response of another realm.
    const { status } = response;
    const isResponse = status === status >>> 0 && typeof response.text === "function";
    // If the signal has aborted, nobody waits for the answer any more: a caller's own fetch did not obey the signal.
    if (!isResponse || init.signal.aborted) {
      const { body } = response;
      quietly(() => body?.cancel());
      return { code: "bad_response" };
    }
    const header = (/** @type {string} */ name) => response.headers?.get?.(name);
    const retryAfter = header("retry-after");
    if (typeof retryAfter === "string") seen.retryAfter = retryAfter;
    seen.deduplicates = header("flowdock-deduplicates") === "uuid";
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
    // The status decides, even if the body cannot be read.
  }
  return seen;
}

/**
 * Whether the page's own Content-Security-Policy blocked a request. A browser reports that only by an event, in the task after the one
 * that rejected the request.
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
  // Waits for the next task with a MessageChannel: a timer would never fire in a test that uses fake timers.
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
  port1.close();
  document.removeEventListener("securitypolicyviolation", look);
  return barred;
}

/**
 * Returns a code such as ECONNREFUSED, or a name such as Deno's NotCapable. A name such as TypeError tells nothing and is left out.
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
