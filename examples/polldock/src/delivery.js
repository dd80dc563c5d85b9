// Delivers the messages of a poll to the flows. A message that waits is in the poll's own storage; the flow tokens are in the directory alone.

import { Client, FlowdockApi } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { directory } from "./directory.js";

/** @import { DurableObjectOutboxStore } from "flowdock-integration/outbox/sql" */
/** @import { Env } from "./worker.js" */

/** The outbox makes the retries, so that an alarm is over soon and a message of another flow does not wait. */
const BACKOFF = { baseMs: 1_000, capMs: 60_000 };

/**
 * Makes the outbox of a poll.
 *
 * @param {DurableObjectOutboxStore} store
 * @param {Env} env
 */
export function outboxOf(store, env) {
  return new Outbox({
    store,
    backoff: BACKOFF,
    async client(id) {
      const source = await directory(env).source(id);
      // It was removed in Flowdock, and Polldock has forgotten it. Nothing more is sent to it.
      if (!source) store.removeSource(id);
      return source && new Client({ baseUrl: env.FLOWDOCK_URL, flowToken: source.flowToken, retry: false });
    },
    hooks: {
      onDelivered: ({ source }) => report(source, "", env),
      onRefused({ source }, error) {
        console.error("refused:", error);
        return report(source, `A message of Polldock was refused: ${error.message}`, env);
      },
      onHeld: (source, error) => console.error("held:", source, error),
      onSourceRemoved: (source) => directory(env).forget(source),
    },
  });
}

/**
 * Shows a problem of a source to the people in the flow, unless they see it already. The empty string removes it.
 *
 * @param {string} id
 * @param {string} errorMessage
 * @param {Env} env
 */
async function report(id, errorMessage, env) {
  const source = await directory(env).source(id);
  if (!source || source.problem === errorMessage) return;
  try {
    await new FlowdockApi({ baseUrl: env.FLOWDOCK_URL }).updateSourceByToken(source.flowToken, { errorMessage });
    await directory(env).setProblem(id, errorMessage);
  } catch (error) {
    // The next message reports the problem again.
    console.error("not reported:", error);
  }
}
