// Posts to the real inbox through a proxy that injects faults.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { Client, chatMessage } from "flowdock-integration";
import { faults, startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";
import { stored } from "./support/judge.js";
import { options, storm } from "./support/storm.js";
import { storms } from "./support/storms.js";

let inbox;
let proxy;

before(async () => {
  inbox = await startInbox();
  proxy = await startFaultProxy(inbox.url);
});

after(() => Promise.all([inbox?.stop(), proxy?.stop()]));

const clientOf = (more) => new Client({ baseUrl: proxy.url, flowToken: inbox.flow_token, ...options, ...more });
const note = (content) => chatMessage({ content, external_thread_id: "note" });

/** The outcome of a message for each fault: an error code, or the number of attempts if that is not 2. */
const expected = {
  400: "rejected",
  410: "source_removed",
  redirect: "redirect_refused",
  // The message was stored, but its answer is not one of this API.
  "garbage body": "bad_response",
  "truncated body": 1,
  "slow body": 1,
  "body that never ends": 1,
};

for (const name of Object.keys(faults)) {
  test(`a message meets the fault "${name}" and ends as expected`, async () => {
    proxy.state.script.push(name);
    const already = (await stored(inbox)).length;
    const was = proxy.seen.posts;
    const seen = [];
    const hooks = Object.fromEntries(
      ["onAttempt", "onRetry", "onDelivered", "onFailed", "onSourceRemoved"].map((hook) => [
        hook,
        (...given) => seen.push(given),
      ]),
    );
    const outcome = await clientOf({ hooks })
      .post(note(name))
      .catch((error) => error);
    const want = expected[name] ?? 2;
    assert.equal(outcome.code ?? outcome.attempts, want);
    assert.equal(proxy.seen.posts - was, outcome.attempts);
    const copies = (await stored(inbox)).length - already;
    const ofRefused = Number(want === "bad_response");
    // A fault that comes after the message was stored leads to a second request, which the inbox recognises.
    assert.equal(copies, typeof want === "string" ? ofRefused : 1);
    assert.equal(outcome.maybeDuplicate, ofRefused === 1);
    const shown = inspect([outcome, seen], { depth: 9, showHidden: true }) + JSON.stringify([outcome, seen]);
    assert.ok(!shown.includes(inbox.flow_token), shown);
  });
}

test("a redirect is never followed", () => assert.equal(proxy.seen.elsewhere, 0));

storms("in Node", { short: [300, 50], long: [10_000, 200], seeds: [1, 2, 3, 4] }, (options, count, threads) =>
  storm(new Client({ ...options, concurrency: 16 }), count, threads),
);

test("in an outage each message makes six requests; afterwards the client works again", async () => {
  const was = proxy.seen.posts;
  proxy.state.down = true;
  const client = clientOf({ retry: { baseMs: 1, capMs: 8, maxElapsedMs: 5_000 } });
  const results = await storm(client, 60, 20);
  assert.deepEqual(new Set(results.map(({ code, attempts }) => `${code} ${attempts}`)), new Set(["network 6"]));
  assert.equal(proxy.seen.posts - was, 360);
  proxy.state.down = false;
  assert.equal((await client.post(note("again"))).attempts, 1);
});

test("after a 410 no further request reaches the server", async () => {
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

test("when a 410 arrives, the requests in flight keep their own answers, and no other request is sent", async () => {
  const already = (await stored(inbox)).length;
  const was = proxy.seen.posts;
  // The first request gets the 410. The other three are in flight then, and get their answers later.
  proxy.state.script.push("410", "slow body", "slow body", "slow body");
  let removed = 0;
  const results = await storm(clientOf({ concurrency: 4, hooks: { onSourceRemoved: () => (removed += 1) } }), 100, 10);
  const told = {};
  for (const { code, attempts } of results) told[`${code} ${attempts}`] = (told[`${code} ${attempts}`] ?? 0) + 1;
  assert.deepEqual(told, { "source_removed 1": 1, " 1": 3, "source_removed 0": 96 });
  assert.deepEqual([proxy.seen.posts - was, (await stored(inbox)).length - already, removed], [4, 3, 1]);
});
