// Decides what becomes of a stored message after a try to post it. tests/fixtures/outbox.json has the cases, for Rust as well.

/** @typedef {import("flowdock-integration").FlowdockError} FlowdockError */

/**
 * The codes by which this message itself is refused, today and later. Every other code that is not retryable comes from a setting or
 * from something in between, such as a proxy. It must not empty the outbox, so the message is kept.
 */
const OF_THE_MESSAGE = ["invalid_message", "too_large", "rejected"];

/** How long a source is held at first, in milliseconds. The time doubles as long as the server goes on refusing. */
const HOLD_MS = 5 * 60_000;

/**
 * @param {FlowdockError} error
 * @param {object} state
 * @param {number} state.attempts How often the message was tried, this time included.
 * @param {number} state.holds How often in a row its source would be held, this time included.
 * @param {number} state.baseMs The upper limit of the wait after the first try. It doubles with each try.
 * @param {number} state.capMs The upper limit of every wait but a server's `Retry-After`.
 * @param {number} state.random From 0 to 1. The wait is between half of its upper limit and the limit itself.
 * @returns {{ removed: true } | { refused: FlowdockError } | { retryInMs: number, error: FlowdockError, isHeld: boolean }}
 */
export function fateOf(error, { attempts, holds, baseMs, capMs, random }) {
  const { code, retryable, retryAfterMs = 0 } = error;
  /** @type {(ms: number, times: number) => number} */
  const doubled = (ms, times) => Math.min(ms * 2 ** (times - 1), capMs);
  if (code === "source_removed") return { removed: true };
  if (OF_THE_MESSAGE.includes(code)) return { refused: error };
  if (code === "aborted") return { retryInMs: 0, error, isHeld: false };
  if (!retryable) return { retryInMs: doubled(HOLD_MS, holds), error, isHeld: true };
  const waitMs = Math.round((doubled(baseMs, attempts) * (1 + random)) / 2);
  return { retryInMs: Math.max(retryAfterMs, waitMs), error, isHeld: false };
}
