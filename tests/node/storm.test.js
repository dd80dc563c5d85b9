// Delivery through a proxy that fails, to the real inbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { chatMessage, Client } from "flowdock-integration";
import { faults, startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";
import { judge, stored } from "./support/judge.js";
import { options, storm } from "./support/storm.js";

const [COUNT, THREADS] = process.env.FLOWDOCK_LONG ? [10_000, 200] : [300, 50];

let inbox;
let proxy;

before(async () => {
  inbox = await startInbox();
  proxy = await startFaultProxy(inbox.url);
});

after(() => Promise.all([inbox?.stop(), proxy?.stop()]));

const clientOf = (more) => new Client({ baseUrl: proxy.url, flowToken: inbox.flow_token, ...options, ...more });
const note = (content) => chatMessage({ content, external_thread_id: "note" });

/** What each fault does to one message. */
const expected = {
  "400": "rejected",
  "redirect": "redirect_refused",
  "garbage body": 1,
  "truncated body": 1,
  "slow body": 1,
  "body that never ends": 1,
};

for (const name of Object.keys(faults).filter((name) => name !== "410")) {
  test(`a message meets: ${name}`, async () => {
    proxy.state.script.push(name);
    const already = (await stored(inbox)).length;
    const was = proxy.seen.posts;
    const seen = [];
    const hooks = Object.fromEntries(["onAttempt", "onRetry", "onDelivered", "onFailed"].map((hook) => [hook, (event) => seen.push(event)]));
    const outcome = await clientOf({ hooks }).post(note(name)).catch((error) => error);
    const want = expected[name] ?? 2;
    assert.equal(outcome.code ?? outcome.attempts, want);
    assert.equal(proxy.seen.posts - was, outcome.attempts);
    const copies = (await stored(inbox)).length - already;
    assert.equal(copies, typeof want === "string" ? 0 : 1 + Number(want === 2 && name.endsWith("after")));
    if (copies > 1) assert.equal(outcome.maybeDuplicate, true);
    const shown = inspect([outcome, seen], { depth: 9, showHidden: true }) + JSON.stringify([outcome, seen]);
    assert.ok(!shown.includes(inbox.flow_token), shown);
  });
}

test("a redirect is never followed", () => assert.equal(proxy.seen.elsewhere, 0));

for (const rate of [0.2, 0.5]) {
  for (const seed of [1, 2, 3, 4]) {
    test(`a storm of ${COUNT} messages, faults ${rate * 100} %, seed ${seed}`, async (t) => {
      const own = await startInbox();
      const faulty = await startFaultProxy(own.url, { seed, rate });
      try {
        const client = new Client({ baseUrl: faulty.url, flowToken: own.flow_token, ...options, concurrency: 16 });
        const results = await storm(client, COUNT, THREADS);
        const row = judge(results, COUNT, await stored(own));
        assert.equal(faulty.seen.elsewhere, 0);
        assert.ok(Object.keys(faulty.counts).length >= Math.min(20, COUNT / 20), "there were many kinds of faults");
        t.diagnostic(JSON.stringify(row));
      } finally {
        await Promise.all([own.stop(), faulty.stop()]);
      }
    });
  }
}

test("a full outage costs six requests a message and no more than the time for all, and then it works again", async () => {
  const was = proxy.seen.posts;
  proxy.state.down = true;
  const client = clientOf({ retry: { baseMs: 1, capMs: 8, maxElapsedMs: 5_000 } });
  const results = await storm(client, 60, 20);
  assert.deepEqual(new Set(results.map(({ code, attempts }) => `${code} ${attempts}`)), new Set(["network 6"]));
  assert.equal(proxy.seen.posts - was, 360);
  proxy.state.down = false;
  assert.equal((await client.post(note("again"))).attempts, 1);
});

test("410: one request, then nothing more reaches the server", async () => {
  const was = proxy.seen.posts;
  proxy.state.script.push("410");
  let removed = 0;
  const client = clientOf({ concurrency: 1, hooks: { onSourceRemoved: () => (removed += 1) } });
  const results = await storm(client, 100, 10);
  assert.deepEqual(new Set(results.map(({ code }) => code)), new Set(["source_removed"]));
  assert.deepEqual([proxy.seen.posts - was, removed], [1, 1]);
  await assert.rejects(client.post(note("later")), { code: "source_removed", attempts: 0 });
  assert.deepEqual([proxy.seen.posts - was, removed], [1, 1]);
});
