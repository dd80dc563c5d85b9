// A caller's signal. However many posts have it, it is listened to once: Node warns of more than ten.

import { invalidOption } from "../error.js";
import { quietly } from "./quietly.js";

/** For each signal who wants to know, and the listener. */
const listeners = /* @__PURE__ */ new WeakMap();

/**
 * Calls `abort` with the reason when the signal says so, or has said so. What it returns ends the listening.
 *
 * @param {AbortSignal | null | undefined} signal
 * @param {(reason: unknown) => void} abort
 */
export function listen(signal, abort) {
  if (signal === undefined || signal === null) return () => {};
  let listener;
  try {
    if (signal.aborted) abort(signal.reason);
    listener = listeners.get(signal);
    if (listener === undefined) {
      const all = new Set();
      const tell = () => {
        for (const abort of all) abort(signal.reason);
      };
      listener = { all, tell };
      signal.addEventListener("abort", listener.tell);
      listeners.set(signal, listener);
    }
    listener.all.add(abort);
  } catch {
    throw invalidOption("`signal` must be an AbortSignal");
  }
  return () => {
    const { all, tell } = listener;
    all.delete(abort);
    if (all.size > 0) return;
    listeners.delete(signal);
    quietly(() => signal.removeEventListener("abort", tell));
  };
}
