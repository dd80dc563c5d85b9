// How the messages of one client affect each other: lanes, request slots, the hold after a 429, the latch after a 410, and giving up.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { inspect } from "node:util";
import { Client } from "flowdock-integration";
import { after, answer, canary, message, noon, onVirtualClock, outcome, server, settle } from "./support/virtual.js";

onVirtualClock();

test("a 429 holds all messages of the client, a 503 only those of its thread", async () => {
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

test("a 429 with a shorter Retry-After does not shorten a hold", async () => {
  const { client, requests } = server({ concurrency: 2, timeoutMs: 60_000 });
  for (const thread of ["1", "2", "3"]) outcome(client.post(message(thread)));
  await settle();
  requests[0].resolve(answer(429, { "retry-after": "10" }));
  requests[1].resolve(answer(429, { "retry-after": "1" }));
  await after(9_999);
  assert.equal(requests.length, 2);
  // The client adds at most a tenth to the time in Retry-After.
  await after(1_001);
  assert.equal(requests.length, 4);
});

test("a message whose time limit passes during a hold fails with its own last error", async () => {
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

test("a message that gets the slot of a message with a 429 waits for the hold too", async () => {
  const { client, requests } = server({ concurrency: 1 });
  for (const thread of ["1", "2"]) outcome(client.post(message(thread)));
  await settle();
  requests[0].resolve(answer(429));
  await after(499);
  assert.equal(requests.length, 1);
  await after(1);
  assert.equal(requests.length, 2);
});

test("messages of one thread are posted in order, while other threads go on", async () => {
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

test("a message with both ids of its thread waits for earlier messages with either id", async () => {
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

test("the client makes at most `concurrency` requests at a time, and a waiting message holds no slot", async () => {
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

test("after a 410 no request is made for messages that are queued, waiting, or posted later", async () => {
  const removed = [];
  const failed = [];
  const hooks = {
    onSourceRemoved: (...given) => removed.push(given),
    onFailed: ({ error }) => failed.push(error.code),
  };
  const { client, requests } = server({ concurrency: 2, hooks });
  const posts = ["1", "2", "3", "3"].map((thread) => outcome(client.post(message(thread))));
  await settle();
  // Of the other messages, one waits for its next attempt, one for a slot, and one for its turn.
  requests[0].resolve(answer(503));
  await settle();
  posts.push(outcome(client.post(message("4"))));
  requests[1].resolve(answer(410));
  await settle();
  assert.deepEqual(
    posts.map(({ code }) => code),
    ["source_removed", "source_removed", undefined, "source_removed", "source_removed"],
  );
  // The request of the third message was in flight when the 410 arrived.
  requests[2].resolve(answer(503));
  await settle();
  assert.equal(posts[2].code, "source_removed");
  posts.push(outcome(client.post(message("5"))));
  await settle();
  assert.deepEqual([posts.at(-1).code, posts.at(-1).error.attempts], ["source_removed", 0]);
  await after(120_000);
  assert.deepEqual([requests.length, removed, failed.length], [3, [[]], 6]);
});

test("a 410 for a message's own token stops only the source of that token", async () => {
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

test("a message can be given up in every state, and other messages go on", async () => {
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

test("any number of messages in a lane can be given up, and the next one goes on", async () => {
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

test("a caller that learns how a message ended can still give up the next one of its thread", async () => {
  for (const status of [202, 400]) {
    const { client, requests } = server();
    const controller = new AbortController();
    const first = client.post(message("1", "first"));
    const next = outcome(client.post(message("1", "next"), { signal: controller.signal }));
    // The caller learns of it one microtask later than with a single `then`.
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
  ["its lane", ["1", "1", "1", "1"]],
  ["the queue for a slot", ["1", "2", "3", "4"], { concurrency: 1 }],
]) {
  test(`giving up a message in the middle of ${where} keeps the order of the others`, async () => {
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

test("many posts share one listener on a signal, which is removed at the end", async () => {
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
