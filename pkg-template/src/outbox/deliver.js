// One try to post a stored message. For the outbox, and for queues of others.

import { FlowdockError } from "flowdock-integration";
import { failure } from "./failure.js";
import { fateOf } from "./fate.js";

/** @type {typeof import("../../outbox.js").deliver} */
export async function deliver(client, message, { attempts = 1, holds = attempts, backoff = {}, signal } = {}) {
  // Each try would be another message.
  if (!message.uuid) throw failure("invalid_option", "a message in a queue needs its `uuid`");
  try {
    // The message was checked when it was stored, with or without this option.
    return { ack: true, result: await client.post(message, { thread: "optional", signal }) };
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
    const { baseMs = 5_000, capMs = 3_600_000 } = backoff;
    return fateOf(error, { attempts, holds, baseMs, capMs, random: Math.random() });
  }
}
