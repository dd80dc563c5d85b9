// One request with a time limit, which its caller may give up.

import { exchange } from "./exchange.js";
import { listen } from "./listen.js";

/**
 * @param request What `setupRequest` of the module made.
 * @returns {Promise<{ kept, answer }>} What the module wants to know of the request, and what `exchange` gives. It never rejects.
 */
export async function ask(fetch, { method, url, headers, body, tokens }, timeoutMs, signal) {
  const cancel = new AbortController();
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  const stop = listen(signal, () => end({ code: "aborted" }));
  const timer = setTimeout(end, timeoutMs, { code: "timeout", detail: timeoutMs });
  const init = { method, headers, body, redirect: "manual", signal: cancel.signal };
  try {
    const sent = signal?.aborted ? ended : exchange(fetch, url, init, {});
    const answer = await Promise.race([ended, sent]);
    if (answer.code) cancel.abort();
    return { kept: { method, url, tokens }, answer };
  } finally {
    clearTimeout(timer);
    stop();
  }
}
