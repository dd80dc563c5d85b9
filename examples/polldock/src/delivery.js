// Delivers the messages of a poll's outbox to the flows.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { directory } from "./directory.js";

/** @import { Message } from "flowdock-integration" */
/** @import { Source } from "./directory.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Env } from "./worker.js" */

/** How long one alarm tries to post a message. The next alarm tries again. */
const RETRY = { maxElapsedMs: 30_000 };

/**
 * Delivers all messages of an outbox to all sources.
 *
 * @param {Outbox} outbox
 * @param {Env} env
 * @returns {Promise<boolean>} Whether nothing is left to deliver: each message was posted or refused for good.
 */
export async function deliver(outbox, env) {
  const sources = await directory(env).sourcesWithTokens();
  const ends = await Promise.all(sources.map((source) => deliverTo(source, outbox, env)));
  outbox.tidy(sources.filter((_, index) => ends[index] !== "removed").map(({ id }) => id));
  return !ends.includes("later");
}

/**
 * @param {Source} source
 * @param {Outbox} outbox
 * @param {Env} env
 * @returns {Promise<"done" | "later" | "removed">} `later` if messages are left, `removed` if a user removed the source.
 */
async function deliverTo(source, outbox, env) {
  // Each alarm makes a new client and drops it at its end, so no message of an earlier alarm can still wait in it.
  const client = new Client({ baseUrl: env.FLOWDOCK_URL, flowToken: source.flowToken, retry: RETRY });
  let { problem } = source;
  try {
    for (let next = outbox.next(source.id); next; next = outbox.next(source.id)) {
      const isWanted = source.comments || next.message.event !== "discussion";
      const refusal = isWanted ? await post(client, next.message) : problem;
      outbox.told(source.id, next.id);
      if (refusal === problem) continue;
      problem = refusal;
      await report(source, problem, env);
    }
    return "done";
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
    if (error.retryable) return "later";
    if (error.code !== "source_removed") throw error;
    await directory(env).forget(source.id);
    return "removed";
  }
}

/**
 * @param {Client} client
 * @param {Message} message
 * @returns {Promise<string>} Empty if the message was posted. Else the reason for which it can never be posted; later messages may still be
 *   posted.
 * @throws {FlowdockError} If the message may be posted later, or if the source was removed.
 */
async function post(client, message) {
  try {
    await client.post(message);
    return "";
  } catch (error) {
    if (!(error instanceof FlowdockError) || error.retryable || error.code === "source_removed") throw error;
    console.error("refused:", error);
    return `A message of Polldock was refused: ${error.message}`;
  }
}

/**
 * Shows a problem of the source to the people in the flow. The empty string removes it.
 *
 * @param {Source} source
 * @param {string} errorMessage
 * @param {Env} env
 */
async function report({ id, flowToken }, errorMessage, env) {
  try {
    await new FlowdockApi({ baseUrl: env.FLOWDOCK_URL }).updateSourceByToken(flowToken, { errorMessage });
    await directory(env).setProblem(id, errorMessage);
  } catch (error) {
    // The next message reports the problem again.
    console.error("not reported:", error);
  }
}
