// From a poll's outbox into the flows.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { directory } from "./directory.js";

/** How long a message is tried at a time; what is not delivered then is tried again by the next alarm. */
const RETRY = { maxElapsedMs: 30_000 };

/** @returns {Promise<boolean>} Whether all of it has arrived, or never will. */
export async function deliver(outbox, env) {
  const sources = await directory(env).sourcesWithTokens();
  const done = await Promise.all(sources.map((source) => deliverTo(source, outbox, env)));
  outbox.tidy(sources.map(({ id }) => id));
  return done.every(Boolean);
}

async function deliverTo(source, outbox, env) {
  // A client lives as long as the alarm that made it, never longer.
  const client = new Client({ baseUrl: env.FLOWDOCK_URL, flowToken: source.flowToken, retry: RETRY });
  let { problem } = source;
  for (let next = outbox.next(source.id); next; next = outbox.next(source.id)) {
    try {
      if (source.comments || next.message.event !== "discussion") {
        await client.post(next.message);
        if (problem) await report((problem = ""));
      }
    } catch (error) {
      if (!(error instanceof FlowdockError)) throw error;
      if (error.code === "source_removed") {
        await directory(env).forget(source.id);
        return true;
      }
      if (error.retryable) return false;
      // Nobody else will see it: the messages after it still have a chance.
      console.error("refused:", error);
      await report((problem = `A message of Polldock was refused: ${error.message}`));
    }
    outbox.told(source.id, next.id);
  }
  return true;

  /** Shows the people in the flow what is wrong; the empty text clears it. */
  async function report(errorMessage) {
    await directory(env).setProblem(source.id, errorMessage);
    await new FlowdockApi({ baseUrl: env.FLOWDOCK_URL }).updateSourceByToken(source.flowToken, { errorMessage });
  }
}
