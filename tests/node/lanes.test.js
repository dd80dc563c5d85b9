// What messages have to do with each other: lanes, request slots, the hold of a 429, the latch of a 410, and who gives up.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { inspect } from "node:util";
import { Client } from "flowdock-integration";
import { after, answer, canary, message, noon, onVirtualClock, outcome, server, settle } from "./support/virtual.js";

onVirtualClock();

test("a 429 holds the whole client, a 503 its own thread", async () => {
  for (const [status, held] of [
    [429, true],
    [503, false],
  ]) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, requests } = server({ timeoutMs: 60_000 });
    const posts = ["1", "2"].map((thread) => outcome(client.post(message(thread))));
    await settle();
    requests[0].resolve(answer(status, { "retry-after": "10" }));
    requests[1].resolve(answer(202));
    await settle();
    posts.push(outcome(client.post(message("3"))));
    await after(9_999);
    assert.equal(requests.length, held ? 2 : 3, `${status}`);
    await after(1_001);
    assert.equal(requests.length, 4);
    for (const request of requests) request.resolve(answer(202));
    await settle();
    assert.deepEqual(
      posts.map(({ value }) => value.attempts),
      [2, 1, 1],
    );
  }
});

test("a 429 that asks for less does not shorten a hold", async () => {
  const { client, requests } = server({ concurrency: 2, timeoutMs: 60_000 });
  for (const thread of ["1", "2", "3"]) outcome(client.post(message(thread)));
  await settle();
  requests[0].resolve(answer(429, { "retry-after": "10" }));
  requests[1].resolve(answer(429, { "retry-after": "1" }));
  await after(9_999);
  assert.equal(requests.length, 2);
  // With a tenth more.
  await after(1_001);
  assert.equal(requests.length, 4);
});

test("a hold that reaches beyond a message's time ends it with its own failure", async () => {
  const { client, requests } = server({ retry: { maxElapsedMs: 5_000 } });
  const first = outcome(client.post(message("1")));
  await settle();
  requests[0].resolve(answer(503, { "retry-after": "3" }));
  await after(1_000);
  const second = outcome(client.post(message("2")));
  await settle();
  requests[1].resolve(answer(429, { "retry-after": "4" }));
  await after(3_999);
  assert.equal(first.settled, false);
  await after(1);
  assert.deepEqual([first.code, first.error.attempts, requests.length], ["server", 1, 2]);
  await after(400);
  requests[2].resolve(answer(202));
  await settle();
  assert.equal(second.value.attempts, 2);
});

test("who gets the slot that a 429 left free waits as well", async () => {
  const { client, requests } = server({ concurrency: 1 });
  for (const thread of ["1", "2"]) outcome(client.post(message(thread)));
  await settle();
  requests[0].resolve(answer(429));
  await after(499);
  assert.equal(requests.length, 1);
  await after(1);
  assert.equal(requests.length, 2);
});

test("one thread is one lane, in order, and others go on", async () => {
  const { client, requests } = server();
  const posts = [
    ["a", "1"],
    ["a", "2"],
    ["b", "3"],
    ["a", "4"],
  ].map(([thread, content]) => outcome(client.post(message(thread, content))));
  await settle();
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["1", "3"],
  );
  requests[0].resolve(answer(500));
  requests[1].resolve(answer(202));
  await after(499);
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["1", "3"],
  );
  await after(1);
  requests[2].resolve(answer(202));
  await settle();
  requests[3].resolve(answer(400));
  await settle();
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["1", "3", "1", "2", "4"],
  );
  requests[4].resolve(answer(202));
  await settle();
  assert.deepEqual(
    posts.map(({ code }) => code),
    [undefined, "rejected", undefined, undefined],
  );
});

test("a message with both names of its thread is behind those with either", async () => {
  const { client, requests } = server({ concurrency: 9 });
  const of = (names, content) => client.post({ event: "message", content, ...names });
  of({ thread_id: "t" }, "1");
  of({ external_thread_id: "e" }, "2");
  of({ thread_id: "t", external_thread_id: "e" }, "3");
  of({ external_thread_id: "e" }, "4");
  of({ external_thread_id: "t" }, "5");
  await settle();
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["1", "2", "5"],
  );
  requests[0].resolve(answer(202));
  await settle();
  assert.equal(requests.length, 3);
  requests[1].resolve(answer(202));
  await settle();
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["1", "2", "5", "3"],
  );
  requests[3].resolve(answer(202));
  await settle();
  assert.equal(requests[4].content, "4");
});

test("so many requests at a time, and a wait takes no slot", async () => {
  for (const [concurrency, most] of /** @type {any[][]} */ ([
    [undefined, 4],
    [1, 1],
    [9, 9],
  ])) {
    const { client, requests } = server({ ...(concurrency && { concurrency }) });
    for (let thread = 0; thread < 20; thread += 1) client.post(message(String(thread)));
    await settle();
    assert.equal(requests.length, most);
    requests[0].resolve(answer(503));
    await settle();
    assert.equal(requests.length, most + 1, "the next one goes while the first waits");
  }
});

test("410: one request, and nothing more for what is queued, waiting, or comes later", async () => {
  const removed = [];
  const failed = [];
  const hooks = {
    onSourceRemoved: (...given) => removed.push(given),
    onFailed: ({ error }) => failed.push(error.code),
  };
  const { client, requests } = server({ concurrency: 2, hooks });
  const posts = ["1", "2", "3", "3"].map((thread) => outcome(client.post(message(thread))));
  await settle();
  // One waits for its next try, one for a slot, one for its turn.
  requests[0].resolve(answer(503));
  await settle();
  posts.push(outcome(client.post(message("4"))));
  requests[1].resolve(answer(410));
  await settle();
  assert.deepEqual(
    posts.map(({ code }) => code),
    ["source_removed", "source_removed", undefined, "source_removed", "source_removed"],
  );
  // The third was on its way.
  requests[2].resolve(answer(503));
  await settle();
  assert.equal(posts[2].code, "source_removed");
  posts.push(outcome(client.post(message("5"))));
  await settle();
  assert.deepEqual([posts.at(-1).code, posts.at(-1).error.attempts], ["source_removed", 0]);
  await after(120_000);
  assert.deepEqual([requests.length, removed, failed.length], [3, [[]], 6]);
});

test("410 for a message's own token stops that source alone", async () => {
  let removed = 0;
  const own = "own29991own29991own";
  const fetch = async (_url, init) => answer(JSON.parse(init.body).flow_token === own ? 410 : 202);
  const hooks = { onSourceRemoved: () => (removed += 1) };
  const client = new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch, hooks });
  const codes = [];
  for (const flow_token of [own, undefined, own]) {
    const post = outcome(client.post({ ...message("1"), flow_token }));
    await settle();
    codes.push(post.code);
  }
  assert.deepEqual([codes, removed], [["source_removed", undefined, "source_removed"], 1]);
});

test("the caller gives up in every state, and the others go on", async () => {
  for (const [state, maybeDuplicate, attempts] of /** @type {any[][]} */ ([
    ["before", false, 0],
    ["in its lane", false, 0],
    ["for a slot", false, 0],
    ["on its way", true, 1],
    ["its body", true, 1],
    ["between two tries", true, 1],
    ["held", false, 0],
  ])) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, requests } = server({ concurrency: 1 });
    const controller = new AbortController();
    if (state === "before") controller.abort(canary);
    const others = [];
    if (state === "in its lane") others.push(outcome(client.post(message("1"))));
    if (state === "for a slot" || state === "held") others.push(outcome(client.post(message("2"))));
    const post = outcome(client.post(message("1"), { signal: controller.signal }));
    others.push(outcome(client.post(message("1"))));
    await settle();
    if (state === "between two tries") requests[0].resolve(answer(503));
    if (state === "its body") requests[0].resolve(new Response(new ReadableStream({}), { status: 200 }));
    if (state === "held") requests[0].resolve(answer(429, { "retry-after": "5" }));
    await settle();
    const { signal } = requests[0];
    controller.abort(canary);
    await settle();
    assert.deepEqual(
      [post.code, post.error.retryable, post.error.maybeDuplicate, post.error.attempts],
      ["aborted", false, maybeDuplicate, attempts],
      state,
    );
    assert.equal(signal.aborted, ["on its way", "its body"].includes(state), state);
    for (let step = 0; step < 8; step += 1) {
      for (const request of requests) request.resolve(answer(202));
      await after(1_000);
    }
    assert.deepEqual(
      others.map(({ value }) => value?.kind),
      others.map(() => "accepted"),
      state,
    );
    assert.ok(!inspect(post.error, { depth: 9, showHidden: true }).includes(canary));
  }
});

test("any number may give up in a lane, and the next one goes on", async () => {
  const { client, requests } = server();
  const controller = new AbortController();
  const first = outcome(client.post(message("1", "first")));
  const between = Array.from({ length: 15_000 }, () =>
    outcome(client.post(message("1"), { signal: controller.signal })),
  );
  const last = outcome(client.post(message("1", "last")));
  await settle();
  controller.abort();
  await settle();
  assert.ok(between.every(({ code }) => code === "aborted"));
  assert.equal(requests.length, 1);
  requests[0].resolve(answer(202));
  await settle();
  assert.deepEqual(
    requests.map(({ content }) => content),
    ["first", "last"],
  );
  requests[1].resolve(answer(202));
  await settle();
  assert.deepEqual([first.value.kind, last.value.kind], ["accepted", "accepted"]);
});

test("who hears of a message can still give up the next one in its thread", async () => {
  for (const status of [202, 400]) {
    const { client, requests } = server();
    const controller = new AbortController();
    const first = client.post(message("1", "first"));
    const next = outcome(client.post(message("1", "next"), { signal: controller.signal }));
    // By way of one more step.
    const heard = first
      .then((value) => value)
      .then(
        () => controller.abort(),
        () => controller.abort(),
      );
    await settle();
    requests[0].resolve(answer(status));
    await heard;
    await settle();
    assert.deepEqual([next.code, next.error.attempts, requests.length], ["aborted", 0, 1], `${status}`);
  }
});

for (const [where, threads, options] of [
  ["a lane", ["1", "1", "1", "1"]],
  ["those who wait for a slot", ["1", "2", "3", "4"], { concurrency: 1 }],
]) {
  test(`who gives up in the middle of ${where} lets nobody overtake`, async () => {
    const { client, requests } = server(options);
    const controller = new AbortController();
    const signals = { third: controller.signal };
    const posts = ["first", "second", "third", "fourth"].map((content, index) =>
      outcome(client.post(message(threads[index], content), { signal: signals[content] })),
    );
    await settle();
    controller.abort();
    await settle();
    const sent = [];
    for (const next of ["first", "second", "fourth"]) {
      sent.push(next);
      assert.deepEqual(
        requests.map(({ content }) => content),
        sent,
      );
      requests.at(-1).resolve(answer(202));
      await settle();
    }
    assert.deepEqual(
      posts.map(({ code }) => code),
      [undefined, undefined, "aborted", undefined],
    );
  });
}

test("one signal serves any number of posts, and is let go", async () => {
  const warnings = [];
  const warn = (warning) => warnings.push(warning);
  process.on("warning", warn);
  const { client, requests } = server({ concurrency: 1 });
  const controller = new AbortController();
  const added = mock.method(controller.signal, "addEventListener");
  const left = mock.method(controller.signal, "removeEventListener");
  const posts = Array.from({ length: 50 }, () => outcome(client.post(message("1"), { signal: controller.signal })));
  await settle();
  assert.equal(requests.length, 1);
  controller.abort();
  await settle();
  process.off("warning", warn);
  assert.ok(posts.every(({ code }) => code === "aborted"));
  assert.deepEqual([warnings, added.mock.callCount(), left.mock.callCount()], [[], 1, 1]);
});
