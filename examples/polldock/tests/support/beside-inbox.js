// Starts Polldock and an inbox, with a proxy between them that counts posts and can inject faults.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startFaultProxy } from "../../../../tests/node/support/fault-proxy.js";
import { startInbox } from "../../../../tests/node/support/inbox.js";
import { startPolldock } from "../../run.js";
import { Visitor } from "./visitor.js";

/** @param {{ inboxArguments?: string[], variables?: Record<string, string | number> }} options The variables are the worker's. */
export async function startBesideInbox({ inboxArguments = [], variables } = {}) {
  const inbox = await startInbox(...inboxArguments);
  const proxy = await startFaultProxy(inbox.url);
  // Browsers use the inbox's own address. Requests of Polldock itself go through the proxy.
  const polldock = await startPolldock({ url: proxy.url, apiToken: inbox.api_token }, variables);
  const [flow] = await (
    await fetch(`${inbox.url}/flows`, { headers: { authorization: `Bearer ${inbox.api_token}` } })
  ).json();
  const visitor = () => new Visitor(polldock.url);

  return {
    inbox,
    proxy,
    polldock,
    flow,
    visitor,
    setupUri: `/flowdock/setup?${new URLSearchParams({ flow: flow.id, flow_url: flow.url })}`,

    /** Adds Polldock to the flow, and returns the source as the inbox stores it. */
    async setUp(fields = { name: "All polls", comments: "yes" }) {
      const owner = visitor();
      await owner.comeFromFlowdock(this.setupUri, { url: inbox.url, apiToken: inbox.api_token });
      const { status, text } = await owner.open("/flowdock/source", fields);
      assert.equal(status, 200, text);
      return (await inbox.get("/sources")).at(-1);
    },

    removeSource(id) {
      const headers = { authorization: `Bearer ${inbox.api_token}` };
      return fetch(`${inbox.flowUrl}/sources/${id}`, { method: "DELETE", headers });
    },

    /** Waits until the inbox has `count` messages, or `count` messages of one poll, and returns them. */
    messages: (count, poll) =>
      until(async () => {
        const messages = (await inbox.get("/messages?limit=100")).filter(
          ({ thread }) => !poll || thread.external_url === poll,
        );
        return messages.length >= count && messages;
      }, `${count} messages`),

    stop: () => Promise.all([polldock.worker.dispose(), proxy.stop().then(() => inbox.stop())]),
  };
}

/** Repeats a question until the answer is truthy, for at most twenty seconds. */
export async function until(ask, what) {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(50);
  }
  throw new Error(`not within twenty seconds: ${what}`);
}
