// One try to post a stored message, and what becomes of the message then. For the outbox, and for queues of others.
// tests/fixtures/outbox.json has the cases, for Rust as well.

import { FlowdockError } from "flowdock-integration";
import { failure } from "./failure.js";
import { BACKOFF, read } from "./options.js";

/**
 * The codes by which this message itself is refused, today and later. Every other code that is not retryable comes from a setting or
 * from something in between, such as a proxy. It must not empty the outbox, so the message is kept and its source is held.
 */
const OF_THE_MESSAGE = /^(invalid_message|too_large|rejected)$/;

/** How long a source is held at first, in milliseconds. The time doubles as long as the server goes on refusing. */
const HOLD_MS = 300_000;

/**
 * Doubles a wait for each time, up to `capMs`.
 *
 * @type {(ms: number, times: number, capMs: number) => number}
 */
const doubled = (ms, times, capMs) => Math.min(ms * 2 ** Math.min(times - 1, 31), capMs);

/**
 * What becomes of a message whose source the program does not know. Another program that shares the store may know it, or the next version
 * of this one.
 *
 * @param {number} holds
 * @param {typeof BACKOFF} backoff
 * @returns {import("../../outbox.js").Fate}
 */
export function unknown(holds, { capMs }) {
  const error = failure("invalid_option", "`client` has no client for this source");
  return { retryInMs: doubled(HOLD_MS, holds, capMs), error, isHeld: true };
}

/** @type {typeof import("../../outbox.js").deliver} */
export async function deliver(client, message, { attempts = 1, holds = attempts, backoff, signal } = {}) {
  const { baseMs, capMs } = read(backoff ?? {}, BACKOFF);
  // Each try would be another message.
  if (!message.uuid) throw failure("invalid_option", "`uuid` is missing");
  try {
    // The message was checked when it was stored, with or without this option.
    return { ack: true, result: await client.post(message, { thread: "optional", signal }) };
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
    const { code, retryable, retryAfterMs = 0 } = error;
    if (code === "source_removed") return { removed: true };
    if (OF_THE_MESSAGE.test(code)) return { refused: error };
    if (code === "aborted") return { retryInMs: 0, error, isHeld: false };
    if (!retryable) return { retryInMs: doubled(HOLD_MS, holds, capMs), error, isHeld: true };
    // Random between half of the limit and the limit itself.
    const waitMs = Math.round((doubled(baseMs, attempts, capMs) * (1 + Math.random())) / 2);
    return { retryInMs: Math.max(retryAfterMs, waitMs), error, isHeld: false };
  }
}
