// One request and its answer, in plain values.
//
// A caller's fetch, its Response and its AbortSignal are touched here and not under WebAssembly: an exception that passes
// through a module's frames leaves its stack pointer where it was, and some thousand of them use the stack up.

import { invalidOption } from "./error.js";

/**
 * @returns {Promise<{ status: number, body: string } | { code: string, detail?: string }>} Never rejects.
 */
export async function exchange(fetch, url, init) {
  let response;
  let status;
  try {
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

/**
 * Passes a caller's signal on to one of our own.
 *
 * @returns {{ signal?: AbortSignal, stop(): void }} `stop` ends the passing on.
 */
export function relay(signal) {
  if (signal === undefined || signal === null) return { stop() {} };
  const own = new AbortController();
  const abort = () => own.abort();
  try {
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  } catch {
    throw invalidOption("`signal` must be an AbortSignal");
  }
  return {
    signal: own.signal,
    stop() {
      try {
        signal.removeEventListener("abort", abort);
      } catch {
        // It was good enough to listen to.
      }
    },
  };
}
