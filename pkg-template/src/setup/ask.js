// One request with a time limit, which its caller may give up.

import { because } from "../delivery/cause.js";
import { exchange } from "../delivery/exchange.js";
import { listen } from "../delivery/listen.js";
import { call } from "../wasm/service.js";

/**
 * @param request What `setupRequest` of the module made.
 * @returns {Promise<{ body, read(name: string, ...more): string }>} The body of the answer, and what a call of the module makes
 *   of the whole answer. It never rejects.
 */
export async function ask(fetch, { method, url, headers, body, tokens }, timeoutMs, signal) {
  const cancel = new AbortController();
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  const stop = listen(signal, (cause) => end({ code: "aborted", cause }));
  const timer = setTimeout(end, timeoutMs, { code: "timeout", timeoutMs });
  const init = { method, headers, body, redirect: "manual", signal: cancel.signal };
  try {
    const sent = signal?.aborted ? ended : exchange(fetch, url, init, {});
    const { cause, ...answer } = await Promise.race([ended, sent]);
    if (answer.code) cancel.abort();
    const read = (name, ...more) => {
      try {
        return call(name, { method, url, tokens }, answer, ...more);
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
