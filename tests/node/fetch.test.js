// Storms for the Rust client with the feature `fetch`, compiled to WebAssembly from examples/fetch.rs. The judgement is that of the
// JavaScript client's storms.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";
import { judge, stored } from "./support/judge.js";
import { stormMessage } from "./support/storm.js";

const { Poster } = createRequire(import.meta.url)(process.env.FLOWDOCK_FETCH);

/** Much longer than the inbox takes, even while other tests run: a request that arrives after its time limit may break the order. */
const TIMEOUT_MS = 3_000;

/** Posts all messages at once, and returns the results in the order of the messages. */
async function storm(poster, count, threads) {
  const posts = Array.from({ length: count }, (_, index) => {
    const { content, external_thread_id: thread, uuid } = stormMessage(index, threads);
    return poster.post(content, thread, uuid).then(
      (value) => ({ index, status: "fulfilled", code: "", ...value }),
      (reason) => ({ index, status: "rejected", uuid, ...reason }),
    );
  });
  return Promise.all(posts);
}

for (const rate of [0.2, 0.5]) {
  test(`the Rust client delivers a storm of 300 messages with ${rate * 100} % faults`, async (t) => {
    const inbox = await startInbox();
    const proxy = await startFaultProxy(inbox.url, { seed: 7, rate });
    try {
      const results = await storm(new Poster(proxy.url, inbox.flow_token, TIMEOUT_MS), 300, 30);
      const row = judge(results, 300, await stored(inbox));
      assert.equal(proxy.seen.elsewhere, 0);
      assert.ok(row.delivered > 250 && row.requests > row.messages);
      assert.equal(row.duplicates, 0);
      assert.ok(!JSON.stringify(results).includes(inbox.flow_token));
      t.diagnostic(JSON.stringify(row));
    } finally {
      await Promise.all([inbox.stop(), proxy.stop()]);
    }
  });
}

test("a 410 fails queued and later messages of the Rust client, and an outage costs six requests", async () => {
  const inbox = await startInbox();
  const proxy = await startFaultProxy(inbox.url, { script: ["410"] });
  try {
    const removed = new Poster(proxy.url, inbox.flow_token, TIMEOUT_MS);
    const codes = (await storm(removed, 20, 1)).map(({ code }) => code);
    assert.deepEqual(new Set(codes), new Set(["source_removed"]));
    assert.equal(proxy.seen.posts, 1);
    proxy.state.down = true;
    const [error] = await storm(new Poster(proxy.url, inbox.flow_token, TIMEOUT_MS), 1, 1);
    assert.deepEqual([error.code, error.attempts, error.retryable, error.maybeDuplicate], ["network", 6, true, true]);
    assert.equal(proxy.seen.posts, 7);
  } finally {
    await Promise.all([inbox.stop(), proxy.stop()]);
  }
});

test("a fetch that throws, rejects with a value or gives no Response leads to the right error in Rust", async () => {
  const real = globalThis.fetch;
  try {
    for (const [fetch, code] of /** @type {any[][]} */ ([
      [() => Promise.reject("29991canary"), "network"],
      [() => Promise.reject(), "network"],
      [
        () => {
          throw "29991canary";
        },
        "network",
      ],
      [() => "29991canary", "bad_response"],
      [() => new Promise(() => {}), "timeout"],
    ])) {
      globalThis.fetch = fetch;
      const [error] = await storm(new Poster("http://127.0.0.1:2", "29991canary", 20), 1, 1);
      assert.equal(error.code, code);
      assert.ok(!JSON.stringify(error).includes("29991canary"));
    }
  } finally {
    globalThis.fetch = real;
  }
});
