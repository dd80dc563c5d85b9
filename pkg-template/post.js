// One request and its answer, by the runtime's fetch or one that the caller brings.

import { call } from "./call.js";
import * as core from "./core.js";
import { invalidOption } from "./error.js";

/** Sends what `request` of the module made, and resolves to a PostResult. */
export async function post(fetch, { headers, body, timeoutMs, ...sent }, signal) {
  const ended = new AbortController();
  // What ends the request early settles the promise, whatever fetch makes of its signal.
  let end;
  const early = new Promise((resolve) => {
    end = (code, detail) => {
      resolve({ code, detail });
      ended.abort();
    };
  });
  const stop = listen(signal, () => end("aborted"));
  const timer = setTimeout(end, timeoutMs, "timeout", timeoutMs);
  try {
    const init = { method: "POST", headers, body, redirect: "manual", signal: ended.signal };
    const attempt = ended.signal.aborted ? await early : await Promise.race([exchange(fetch, sent.url, init), early]);
    const stored = parse(attempt.body);
    const result = JSON.parse(call(core.outcome, sent, { ...attempt, body: undefined }, stored));
    if (result.kind === "created") {
      // The message as the server has it, with whatever it put there but a token.
      delete stored.flow_token;
      result.message = stored;
    }
    return result;
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/**
 * One request and its answer, in plain values.
 *
 * @returns {Promise<{ status: number, body: string } | { code: string, detail?: string }>} Never rejects.
 */
async function exchange(fetch, url, init) {
  let response;
  let status;
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
    status = response.status;
    if (typeof status !== "number" || typeof response.text !== "function") return { code: "bad_response" };
  } catch {
    return { code: "bad_response" };
  }
  try {
    return { status, body: String(await response.text()) };
  } catch (error) {
    return { code: "network", detail: codeOf(error) };
  }
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

/** What is no JSON is null. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Listens to a caller's signal; the answer ends the listening. */
function listen(signal, abort) {
  if (signal === undefined || signal === null) return () => {};
  try {
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  } catch {
    throw invalidOption("`signal` must be an AbortSignal");
  }
  return () => {
    try {
      signal.removeEventListener("abort", abort);
    } catch {
      // It was good enough to listen to.
    }
  };
}
