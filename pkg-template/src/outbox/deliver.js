// One try to post a stored message, and what becomes of the message then. For the outbox, and for queues of others.
// tests/fixtures/outbox.json has the cases, for Rust as well.

import { FlowdockError } from "flowdock-integration";
import { failure } from "./failure.js";

/**
 * The codes by which this message itself is refused, today and later. Every other code that is not retryable comes from a setting or
 * from something in between, such as a proxy. It must not empty the outbox, so the message is kept and its source is held.
 */
const OF_THE_MESSAGE = /^(invalid_message|too_large|rejected)$/;

/** How long a source is held at first, in milliseconds. The time doubles as long as the server goes on refusing. */
const HOLD_MS = 300_000;

/** @type {typeof import("../../outbox.js").deliver} */
export async function deliver(client, message, { attempts = 1, holds = attempts, backoff = {}, signal } = {}) {
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
    const { baseMs = 5_000, capMs = 3_600_000 } = backoff;
    /** @type {(ms: number, times: number) => number} */
    const doubled = (ms, times) => Math.min(ms * 2 ** (times - 1), capMs);
    if (!retryable) return { retryInMs: doubled(HOLD_MS, holds), error, isHeld: true };
    // Random between half of the limit and the limit itself.
    const waitMs = Math.round((doubled(baseMs, attempts) * (1 + Math.random())) / 2);
    return { retryInMs: Math.max(retryAfterMs, waitMs), error, isHeld: false };
  }
}
