// Posts the draft with the package, and tells how far it is and what came of it.

import { Client, FlowdockError } from "flowdock-integration";
import { connection } from "../connection/connection.js";
import { flowPath, request } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { draft, onDraftChange, report, wholeMessage } from "./draft.js";

/** @import { Message, PostResult } from "flowdock-integration" */
/** @import { Connection } from "../connection/connection.js" */

/** How often the client tries to post one message. */
export const MAX_ATTEMPTS = 6;

/** The messages among which the posted one is looked for. */
const NEWEST = "20";

/**
 * What came of the last post, or how far it is. `threadId` is the thread in which the message arrived, if the inbox can be read.
 *
 * @typedef {{ kind: "pending", attempt: number, isWaiting: boolean }
 *   | { kind: "accepted" | "created", result: PostResult, tookMs: number, threadId?: string }
 *   | { kind: "failed", error: FlowdockError, tookMs: number }} Outcome
 */

/** @type {Outcome | undefined} */
let outcome;
let cancelling = new AbortController();

export const postOutcome = () => outcome;

export function clearOutcome() {
  outcome = undefined;
  redraw();
}

export const cancelPost = () => cancelling.abort();

/** Whether the draft can be posted now. */
export const canPost = () => report().valid && connection().flowToken !== "" && outcome?.kind !== "pending";

// A message that has arrived is another one than the draft as soon as that changes. A failure stays: it says what to change.
onDraftChange(() => {
  if (outcome && outcome.kind !== "pending" && outcome.kind !== "failed") outcome = undefined;
});

/** Posts the draft, if it can be posted. */
export async function post() {
  if (!canPost()) return;
  const message = /** @type {Message} */ (wholeMessage());
  const to = connection();
  const began = performance.now();
  const tookMs = () => Math.round(performance.now() - began);
  cancelling = new AbortController();
  become({ kind: "pending", attempt: 1, isWaiting: false });
  const hooks = {
    onAttempt: (/** @type {{ attempt: number }} */ { attempt }) =>
      become({ kind: "pending", attempt, isWaiting: false }),
    onRetry: (/** @type {{ attempt: number }} */ { attempt }) =>
      become({ kind: "pending", attempt: attempt + 1, isWaiting: true }),
  };
  try {
    const options = { baseUrl: to.baseUrl, flowToken: to.flowToken, retry: { maxAttempts: MAX_ATTEMPTS }, hooks };
    const files = filesToSend(message);
    const sent = files ? { attachments: files, signal: cancelling.signal } : { signal: cancelling.signal };
    const result = await new Client(options).post(message, sent);
    const took = tookMs();
    become({ kind: result.kind, result, tookMs: took });
    await sayWhere(result, took, to);
  } catch (error) {
    // Any other exception is a fault in this page and goes to the console.
    if (!(error instanceof FlowdockError)) {
      clearOutcome();
      throw error;
    }
    become({ kind: "failed", error, tookMs: tookMs() });
  }
}

/**
 * Finds the thread in which a message arrived.
 *
 * @param {PostResult} result
 * @param {number} tookMs
 * @param {Connection} to
 */
async function sayWhere(result, tookMs, to) {
  const before = outcome;
  const threadId = await findThreadId(result.uuid, to);
  // Meanwhile there may be another outcome, or none.
  if (outcome === before && threadId !== undefined) become({ kind: result.kind, result, tookMs, threadId });
}

/**
 * @param {string} uuid
 * @param {Connection} to
 * @returns {Promise<string | undefined>}
 */
async function findThreadId(uuid, to) {
  if (to.token === "") return undefined;
  try {
    const messages = await request(to, "GET", `${flowPath(to)}/messages`, { query: { limit: NEWEST } });
    return messages.find((/** @type {{ uuid?: string }} */ message) => message.uuid === uuid)?.thread_id ?? undefined;
  } catch {
    // It has arrived all the same.
    return undefined;
  }
}

/** @param {Message} message */
function filesToSend({ event }) {
  const { files } = draft();
  if (event === "message" || files.length === 0) return undefined;
  return Object.fromEntries(files.map(({ id, file }) => [id, file]));
}

/** @param {Outcome} next */
function become(next) {
  outcome = next;
  redraw();
}
