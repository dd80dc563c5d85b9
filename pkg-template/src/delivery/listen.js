// Listens to a caller's AbortSignal. Many posts may share a signal, but it gets one listener only: Node warns at more than ten.

import { invalidOption } from "../error.js";
import { quietly } from "./quietly.js";

/** @typedef {(reason: unknown) => void} Abort */

/**
 * For each signal: the callbacks to call when it aborts, and the listener that calls them.
 *
 * @type {WeakMap<import("flowdock-integration").AbortSignalLike, { all: Set<Abort>, tell: () => void }>}
 */
const listeners = /* @__PURE__ */ new WeakMap();

/**
 * Calls `abort` with the reason when the signal aborts, or at once if it has aborted already.
 *
 * @param {import("flowdock-integration").AbortSignalLike | null | undefined} signal
 * @param {Abort} abort
 * @returns {() => void} Stops listening.
 */
export function listen(signal, abort) {
  if (signal === undefined || signal === null) return () => {};
  /** @type {{ all: Set<Abort>, tell: () => void } | undefined} */
  let listener;
  try {
    if (signal.aborted) abort(signal.reason);
    listener = listeners.get(signal);
    if (listener === undefined) {
      /** @type {Set<Abort>} */
      const all = new Set();
      const tell = () => {
        for (const abort of all) abort(signal.reason);
      };
      listener = { all, tell };
      signal.addEventListener("abort", tell);
      listeners.set(signal, listener);
    }
    listener.all.add(abort);
  } catch {
    throw invalidOption("`signal` must be an AbortSignal");
  }
  const { all, tell } = listener;
  return () => {
    all.delete(abort);
    if (all.size > 0) return;
    listeners.delete(signal);
    quietly(() => signal.removeEventListener("abort", tell));
  };
}
