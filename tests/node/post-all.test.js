// `postAll`: results, progress, how many messages it takes ahead, order, and how the loop ends.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Client } from "flowdock-integration";

const message = (index, thread = index) => ({
  event: "message",
  content: String(index),
  external_thread_id: `thread ${thread}`,
});
const accepted = () => new Response("{}", { status: 202 });
const clientWith = (fetch, options) =>
  new Client({ baseUrl: "http://127.0.0.1:2", flowToken: "x", fetch, retry: { baseMs: 1, capMs: 1 }, ...options });

/** Waits until all work is done that does not wait for a timer. */
const settle = async () => {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

async function all(results) {
  const list = [];
  for await (const result of results) list.push(result);
  return list;
}

test("postAll yields a result with its index for each message, from every kind of iterable", async () => {
  const messages = [message(0), message(1), message(2)];
  async function* later() {
    yield* messages;
  }
  for (const source of [
    messages,
    new Set(messages),
    messages.values(),
    later(),
    { [Symbol.iterator]: () => messages.values() },
  ]) {
    const results = await all(clientWith(accepted).postAll(source));
    assert.deepEqual(
      results.map(({ index, status, value }) => [index, status, value.kind]).sort(),
      [0, 1, 2].map((index) => [index, "fulfilled", "accepted"]),
    );
  }
  assert.deepEqual(await all(clientWith(accepted).postAll([])), []);
});

test("a message that fails gives a result and does not end the loop", async () => {
  const fetch = (_url, init) => (init.body.includes("thread 1") ? new Response("", { status: 400 }) : accepted());
  const results = await all(clientWith(fetch).postAll([message(0), message(1), {}, null, message(4)]));
  const codes = results.toSorted((a, b) => a.index - b.index).map(({ reason }) => reason?.code);
  assert.deepEqual(codes, [undefined, "rejected", "invalid_message", "invalid_message", undefined]);
});

test("a message with half of a surrogate pair is posted", async () => {
  const bodies = [];
  const fetch = (_url, { body }) => {
    bodies.push(body);
    return accepted();
  };
  const cut = { ...message(500), content: "Release 🎉".slice(0, 9) };
  const messages = Array.from({ length: 1_000 }, (_, index) => (index === 500 ? cut : message(index)));
  const results = await all(clientWith(fetch).postAll(messages));
  assert.deepEqual(
    results.filter(({ status }) => status !== "fulfilled"),
    [],
  );
  assert.equal(bodies.length, 1_000);
  assert.deepEqual(
    bodies.filter((body) => body.includes("\ufffd")).map((body) => JSON.parse(body).content),
    ["Release \ufffd"],
  );
});

test("results come in the order in which messages settle, and onProgress is called for each", async () => {
  const waiting = [];
  const client = clientWith(() => new Promise((resolve) => waiting.push(resolve)));
  const progress = [];
  const results = client.postAll([message(0), message(1), {}], {
    onProgress: (at) => {
      progress.push(at);
      throw new Error("hook");
    },
  });
  assert.equal((await results.next()).value.index, 2);
  await settle();
  waiting[1](accepted());
  assert.equal((await results.next()).value.index, 1);
  waiting[0](new Response("", { status: 404 }));
  assert.equal((await results.next()).value.reason.code, "not_found");
  assert.deepEqual(await results.next(), { done: true, value: undefined });
  assert.deepEqual(progress, [
    { done: 1, failed: 1, total: 3 },
    { done: 2, failed: 1, total: 3 },
    { done: 3, failed: 2, total: 3 },
  ]);
});

test("onProgress gets no `total` from an iterable without a length", async () => {
  const progress = [];
  await all(clientWith(accepted).postAll([message(0)].values(), { onProgress: (at) => progress.push(at) }));
  assert.deepEqual(progress, [{ done: 1, failed: 0 }]);
});

test("a length that throws prevents onProgress and nothing else", async () => {
  const source = {
    [Symbol.iterator]: () => [message(0)].values(),
    get length() {
      throw new Error("no length");
    },
  };
  const progress = [];
  const results = await all(clientWith(accepted).postAll(source, { onProgress: (at) => progress.push(at) }));
  assert.deepEqual([results.length, results[0].status, progress], [1, "fulfilled", []]);
});

test("postAll takes a limited number of messages ahead from an endless iterable", async () => {
  let taken = 0;
  let returned = 0;
  function* endless() {
    try {
      for (;;) yield message(taken++);
    } finally {
      returned += 1;
    }
  }
  const results = clientWith(accepted, { concurrency: 2 }).postAll(endless());
  assert.equal(taken, 0, "nothing is taken before the first result is asked for");
  for (let count = 0; count < 1_000; count += 1) assert.equal((await results.next()).value.status, "fulfilled");
  await settle();
  assert.ok(taken <= 1_000 + 2 * 16 + 8, `${taken}`);
  const before = taken;
  await settle();
  assert.equal(taken, before);
  await results.return();
  assert.equal(returned, 1);
});

/** Answers after all work that does not wait for this answer. */
const acceptedLater = () => new Promise((resolve) => setImmediate(() => resolve(accepted())));

test("postAll takes eight messages in one go", async () => {
  for (const concurrency of [1, 2, 4]) {
    const first = 16 * concurrency + 8;
    let taken = 0;
    function* source() {
      for (; taken < first + 24; ) yield message(taken++);
    }
    const at = [];
    for await (const { status } of clientWith(acceptedLater, { concurrency }).postAll(source())) {
      assert.equal(status, "fulfilled");
      at.push(taken);
    }
    assert.equal(at.length, first + 24);
    assert.deepEqual([...new Set(at)], [first, first + 8, first + 16, first + 24]);
  }
});

test("other messages go on while sixteen messages for each slot wait for their next attempt", async () => {
  const fetch = (_url, init) =>
    init.body.includes("in trouble")
      ? new Response("", { status: 503, headers: { "retry-after": "60" } })
      : acceptedLater();
  const messages = [...Array(8).keys(), ...Array(16).fill("in trouble"), "last"].map((thread, index) =>
    message(index, thread),
  );
  const results = clientWith(fetch, { concurrency: 1 }).postAll(messages);
  const good = [];
  for (let count = 0; count < 9; count += 1) good.push((await results.next()).value.index);
  assert.deepEqual(good, [0, 1, 2, 3, 4, 5, 6, 7, 24]);
  await results.return();
});

test("postAll takes no message while nobody asks for a result", async () => {
  let taken = 0;
  async function* later() {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      yield message(taken++);
    }
  }
  const results = clientWith(accepted).postAll(later());
  await results.next();
  await settle();
  // One message gave the result; one more may have been requested before.
  assert.ok(taken <= 2, `${taken}`);
  await results.return();
});

test("a slow iterable does not delay the results of earlier messages", async () => {
  async function* slow() {
    yield message(0);
    await new Promise(() => {});
  }
  const results = clientWith(accepted).postAll(slow());
  assert.equal((await results.next()).value.index, 0);
});

test("each thread keeps its order, and failing requests of one thread do not stop the others", async () => {
  const sent = [];
  const tries = new Map();
  const fetch = async (_url, init) => {
    const { content, external_thread_id: thread } = JSON.parse(init.body);
    const count = (tries.get(content) ?? 0) + 1;
    tries.set(content, count);
    await null;
    if (thread === "thread 0" && count < 3) return new Response("", { status: 503 });
    sent.push([thread, Number(content)]);
    return accepted();
  };
  const messages = Array.from({ length: 60 }, (_, index) => message(index, index % 6));
  const results = await all(clientWith(fetch).postAll(messages));
  assert.ok(results.every(({ status }) => status === "fulfilled"));
  for (let thread = 0; thread < 6; thread += 1) {
    const order = sent.filter(([name]) => name === `thread ${thread}`).map(([, index]) => index);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  }
  assert.notEqual(sent[0][0], "thread 0");
});

test("when the signal aborts, open messages fail, the iterator is closed, and the results end", async () => {
  const controller = new AbortController();
  let returned = false;
  function* source() {
    try {
      for (let index = 0; ; index += 1) yield message(index, 0);
    } finally {
      returned = true;
    }
  }
  const client = clientWith(() => new Promise(() => {}), { concurrency: 1 });
  const list = all(client.postAll(source(), { signal: controller.signal }));
  await settle();
  controller.abort("enough");
  const results = await list;
  assert.equal(results.length, 16 + 8);
  assert.ok(results.every(({ reason }) => reason.code === "aborted"));
  assert.equal(results.filter(({ reason }) => reason.maybeDuplicate).length, 1);
  assert.ok(returned);
  // The signal also works if it aborted before the start, and while the iterable never gives a message.
  assert.deepEqual(await all(client.postAll(source(), { signal: controller.signal })), []);
  const again = new AbortController();
  const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const ended = all(client.postAll(never, { signal: again.signal }));
  await settle();
  again.abort();
  assert.deepEqual(await ended, []);
});

test("a message that the iterable gives after the signal aborted is not posted", async () => {
  const controller = new AbortController();
  let give;
  let calls = 0;
  const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => (give = resolve)) }) };
  const client = clientWith(() => {
    calls += 1;
    return accepted();
  });
  const list = all(client.postAll(source, { signal: controller.signal }));
  await settle();
  controller.abort();
  give({ done: false, value: message(0) });
  assert.deepEqual(await list, []);
  // If another message is still open then, the late message gets a result too.
  const again = new AbortController();
  const never = clientWith(() => {
    calls += 1;
    return new Promise(() => {});
  });
  const mixed = (async function* () {
    yield message(1);
    await new Promise((resolve) => again.signal.addEventListener("abort", resolve));
    yield message(2);
  })();
  const rest = all(never.postAll(mixed, { signal: again.signal }));
  await settle();
  again.abort();
  assert.deepEqual(
    (await rest).map(({ reason }) => [reason.code, reason.attempts]),
    [
      ["aborted", 1],
      ["aborted", 0],
    ],
  );
  assert.equal(calls, 1);
});

test("each request has its own signal, which aborts only if that request is given up", async () => {
  /** @type {AbortSignal[]} */
  const signals = [];
  const fetch = async (_url, { signal }) => {
    signals.push(signal);
    // This request exceeds its time limit, and its message is tried again.
    if (signals.length % 30 === 0) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    else await settle();
    return accepted();
  };
  const client = clientWith(fetch, { concurrency: 3, timeoutMs: 500 });
  const results = await all(client.postAll(Array.from({ length: 70 }, (_, index) => message(index))));
  assert.ok(results.every(({ status }) => status === "fulfilled"));
  assert.deepEqual([signals.length, new Set(signals).size], [72, 72]);
  assert.equal(signals.filter(({ aborted }) => aborted).length, 2);
});

test("leaving the loop aborts the open requests", async () => {
  /** @type {AbortSignal[]} */
  const signals = [];
  const fetch = (_url, init) => {
    signals.push(init.signal);
    return signals.length === 1 ? accepted() : new Promise(() => {});
  };
  for await (const { index } of clientWith(fetch).postAll([message(0), message(1), message(2)])) {
    assert.equal(index, 0);
    break;
  }
  await settle();
  assert.equal(signals.length, 3);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false, true, true],
  );
});

test("an exception of the iterable is thrown after the results", async () => {
  function* broken() {
    yield message(0);
    throw new RangeError("no more plutonium");
  }
  const seen = [];
  await assert.rejects(async () => {
    for await (const { index } of clientWith(accepted).postAll(broken())) seen.push(index);
  }, RangeError);
  assert.deepEqual(seen, [0]);
});

test("postAll refuses invalid arguments and options", async () => {
  const client = clientWith(accepted);
  for (const [messages, options] of [
    [undefined],
    [null],
    [7],
    ["ab"],
    [{}],
    [message(0)],
    [[], 7],
    [[], { onProgress: 7 }],
    [[], { attachments: 7 }],
    [{ [Symbol.iterator]: 7 }],
  ]) {
    assert.throws(() => client.postAll(messages, options), { code: "invalid_option" });
  }
  for (const options of [{ wait: true }, { thread: "maybe" }, { signal: 7 }]) {
    await assert.rejects(all(client.postAll([message(0), message(1)], options)), { code: "invalid_option" });
  }
});

const POSTS = process.env.FLOWDOCK_LONG ? 100_000 : 15_000;

test(`memory stays flat over ${POSTS} posts`, async (t) => {
  // A separate process, so that its heap can be collected and holds nothing else.
  const script = `
    import { Client } from "flowdock-integration";
    let count = 0;
    const fetch = async () => { count += 1; await null; return new Response("{}", { status: count % 10 ? 202 : 503 }); };
    const hooks = { onRetry() {}, onDelivered() {} };
    const client = new Client({ baseUrl: "http://127.0.0.1:2", flowToken: "x", fetch, hooks, retry: { baseMs: 1, capMs: 1 } });
    const signal = new AbortController().signal;
    async function posts(from, to) {
      function* messages() {
        for (let n = from; n < to; n += 1) yield { event: "message", content: "x", external_thread_id: "thread " + n };
      }
      for await (const { status } of client.postAll(messages(), { signal })) if (status !== "fulfilled") throw new Error(status);
      gc(); await new Promise(setImmediate); gc();
    }
    await posts(0, 5_000);
    const before = process.memoryUsage();
    await posts(5_000, ${5_000 + POSTS});
    const after = process.memoryUsage();
    console.log(JSON.stringify({ heap: after.heapUsed - before.heapUsed, external: after.external - before.external }));
  `;
  const run = promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url),
  });
  const { heap, external } = JSON.parse((await run).stdout);
  t.diagnostic(`the heap has grown by ${heap} bytes, external memory by ${external}`);
  // A post that leaks its promises costs about a kilobyte.
  assert.ok(heap < POSTS * 10 + 400_000 && external < 500_000, `heap ${heap}, external ${external}`);
});
