// From a poll's outbox into the flows.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { directory } from "./directory.js";

/** @import { Message } from "flowdock-integration" */
/** @import { Source } from "./directory.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Env } from "./worker.js" */

/** How long a message is tried at a time; what is not delivered then is tried again by the next alarm. */
const RETRY = { maxElapsedMs: 30_000 };

/**
 * @param {Outbox} outbox
 * @param {Env} env
 * @returns {Promise<boolean>} Whether all of it has arrived, or never will.
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
 * @returns {Promise<"done" | "later" | "removed">} What became of the source's messages.
 */
async function deliverTo(source, outbox, env) {
  // A client lives as long as the alarm that made it, never longer.
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
 * @returns {Promise<string>} Empty when the message was posted, else why it never will be: those after it still have a chance.
 * @throws {FlowdockError} When it may be later, and when the source was removed.
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
 * Shows the people in the flow what is wrong with the source; an empty text clears it.
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
    // The next message tries again.
    console.error("not reported:", error);
  }
}
