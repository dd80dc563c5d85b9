// Makes one request with a time limit, which its caller may give up.

import { because } from "../delivery/cause.js";
import { exchange } from "../delivery/exchange.js";
import { listen } from "../delivery/listen.js";
import { call } from "../wasm/service.js";

/** @import { AbortSignalLike } from "flowdock-integration" */

/**
 * Sends a request and waits for its answer, the time limit or the caller's signal.
 *
 * @param {import("../options.js").Fetch} fetch
 * @param {{ method: string, url: string, headers: Record<string, string>, body?: string, tokens: string[] }} request The request that the
 *   module's `setupRequest` made.
 * @param {number} timeoutMs
 * @param {AbortSignalLike | null} [signal]
 * @returns {Promise<{ body: any, read(name: string, more: object): string }>} The body of the answer, and a function that passes the whole
 *   answer to the function `name` of the module. The promise never rejects.
 */
export async function ask(fetch, { method, url, headers, body, tokens }, timeoutMs, signal) {
  const cancel = new AbortController();
  /** @type {(outcome: { code: string, timeoutMs?: number, cause?: unknown }) => void} */
  let end = () => {};
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  const stop = listen(signal, (cause) => end({ code: "aborted", cause }));
  const timer = setTimeout(() => end({ code: "timeout", timeoutMs }), timeoutMs);
  /** @type {RequestInit & { signal: AbortSignal }} */
  const init = { method, headers, body, redirect: "manual", signal: cancel.signal };
  try {
    const sent = signal?.aborted ? ended : exchange(fetch, url, init, {});
    const { cause, ...answer } = await Promise.race([ended, sent]);
    if (answer.code) cancel.abort();
    /** @type {(name: string, more: object) => string} */
    const read = (name, more) => {
      try {
        return call(name, { sent: { method, url, tokens: tokens.join("\n") }, answer, ...more });
      } catch (error) {
        throw because(error, cause, tokens);
      }
    };
    return { body: answer.body, read };
  } finally {
    clearTimeout(timer);
    stop();
  }
}
