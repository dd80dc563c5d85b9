// The delivery of one message: its attempts, limits, hooks and errors.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { inspect } from "node:util";
import { Client, FlowdockError } from "flowdock-integration";
import {
  after,
  answer,
  canary,
  message,
  noon,
  onVirtualClock,
  outcome,
  scripted,
  server,
  settle,
} from "./support/virtual.js";

onVirtualClock();

test("a message is tried six times, and the waits double", async () => {
  const { client, at } = scripted(() => answer(503));
  const post = outcome(client.post(message("1")));
  for (let second = 0; second < 60; second += 1) await after(500);
  assert.deepEqual(at, [0, 500, 1_500, 3_500, 7_500, 15_500]);
  assert.deepEqual([post.code, post.error.attempts, post.error.maybeDuplicate], ["server", 6, true]);
});

test("every attempt carries the same message with the same uuid", async () => {
  const { client, requests } = server();
  const post = outcome(client.post(message("1")));
  await settle();
  requests[0].reject(new Error("reset"));
  await after(500);
  requests[1].resolve(answer(202));
  await settle();
  assert.equal(requests[0].uuid, requests[1].uuid);
  assert.deepEqual(post.value, { kind: "accepted", uuid: requests[0].uuid, attempts: 2, maybeDuplicate: true });
});

test("a request that was refused is not repeated", async () => {
  for (const status of [301, 307, 400, 401, 403, 404, 410, 413, 422, 501, 505]) {
    const { client, at } = scripted(() => answer(status));
    const post = outcome(client.post(message("1")));
    await after(120_000);
    assert.deepEqual([post.error.status, at.length], [status, 1]);
  }
});

test("each attempt has a time limit, and so have all attempts together", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 40_000 });
  const post = outcome(client.post(message("1")));
  for (let second = 0; second < 119; second += 1) await after(1_000);
  assert.equal(post.settled, false);
  await after(1_000);
  assert.equal(performance.now(), 120_000);
  assert.deepEqual([post.code, at], ["timeout", [0, 41_000, 82_000]]);
});

test("the first request may not take longer than `maxElapsedMs`", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 300_000 });
  const post = outcome(client.post(message("1")));
  await after(120_000);
  assert.deepEqual([post.code, post.error?.attempts, at.length], ["timeout", 1, 1]);
});

test("in an outage a message makes at most six requests within its time limit; afterwards the client works again", async () => {
  const never = () => new Promise(() => {});
  for (const [outage, timeoutMs, most] of /** @type {any[][]} */ ([
    [() => Promise.reject(new TypeError("fetch failed")), 10_000, 6],
    [() => answer(503), 10_000, 6],
    [never, 10_000, 6],
    [never, 50_000, 3],
  ])) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const [begun, ended] = [new Map(), new Map()];
    const hooks = {
      onAttempt: ({ uuid, attempt }) => attempt > 1 || begun.set(uuid, performance.now()),
      onFailed: ({ error: { uuid } }) => ended.set(uuid, performance.now()),
    };
    let over = false;
    const { client, at } = scripted(() => (over ? answer(202) : outage()), { timeoutMs, hooks, concurrency: 2 });
    const posts = Array.from({ length: 12 }, (_, index) => outcome(client.post(message(String(index % 4)))));
    for (let second = 0; second < 1_500 && ended.size < posts.length; second += 1) await after(1_000);
    assert.ok(posts.every(({ error }) => error.attempts <= most && error.retryable));
    assert.equal(
      at.length,
      posts.reduce((sum, { error }) => sum + error.attempts, 0),
    );
    for (const [uuid, time] of ended) assert.ok(time - begun.get(uuid) <= 120_000, `${time - begun.get(uuid)} ms`);
    over = true;
    const last = outcome(client.post(message("0")));
    await settle();
    assert.deepEqual([last.value.attempts, last.value.maybeDuplicate], [1, false]);
  }
});

test("without retries a request may take its whole `timeoutMs`", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 300_000, retry: false });
  const post = outcome(client.post(message("1")));
  await after(299_999);
  assert.equal(post.settled, false);
  await after(1);
  assert.deepEqual([post.code, at.length, post.error.message], ["timeout", 1, "no answer within 300000 ms"]);
});

test("the client waits for the time in Retry-After, and at most a tenth longer", async () => {
  for (const header of ["30", "Fri, 20 Nov 2026 12:00:30 GMT"]) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, at } = scripted((count) => answer(count === 1 ? 503 : 202, { "retry-after": header }));
    const post = outcome(client.post(message("1")));
    await after(30_000);
    assert.equal(at.length, 1);
    await after(3_000);
    assert.deepEqual([at.length, post.value.attempts], [2, 2], header);
  }
});

test("a Retry-After beyond the limit ends the message at once", async () => {
  const { client, at } = scripted(() => answer(429, { "retry-after": "3600" }));
  const post = outcome(client.post(message("1")));
  await settle();
  assert.deepEqual([post.code, post.error.retryAfterMs, at.length], ["rate_limited", 3_600_000, 1]);
});

test("hooks are told of each event, but receive neither token nor body", async () => {
  const seen = [];
  const note = (name) => (event) => seen.push([name, event]);
  const names = ["onAttempt", "onRetry", "onDelivered", "onFailed", "onSourceRemoved"];
  const hooks = Object.fromEntries(names.map((name) => [name, note(name)]));
  const secret = `the body ${canary}`;
  const script = (count, init) =>
    count === 1 ? answer(503) : count === 2 ? Response.json({ id: 1, ...JSON.parse(init.body) }) : answer(410);
  const { client } = scripted(script, { hooks });
  const result = outcome(client.post(message("1", secret)));
  await after(500);
  outcome(client.post(message("1", secret)));
  await settle();
  const { uuid } = result.value;
  assert.equal(result.value.message.content, secret);
  assert.deepEqual(
    seen.map(([name]) => name),
    ["onAttempt", "onRetry", "onAttempt", "onDelivered", "onAttempt", "onSourceRemoved", "onFailed"],
  );
  assert.deepEqual(seen[0][1], { uuid, attempt: 1 });
  const { error, ...retry } = seen[1][1];
  assert.deepEqual(retry, { uuid, attempt: 1, waitMs: 500 });
  assert.ok(error instanceof FlowdockError && error.code === "server");
  assert.deepEqual(seen[3][1], { uuid, kind: "created", attempts: 2, maybeDuplicate: true });
  assert.equal(seen[6][1].error.code, "source_removed");
  assert.ok(!inspect(seen, { depth: 9, showHidden: true }).includes(canary));
});

test("a hook that throws or rejects changes nothing", async () => {
  const rejections = [];
  const unhandled = (reason) => rejections.push(reason);
  process.on("unhandledRejection", unhandled);
  for (const bad of [
    () => {
      throw new Error("hook");
    },
    async () => {
      throw "hook";
    },
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      get then() {
        throw 1;
      },
    }),
  ]) {
    const names = ["onAttempt", "onRetry", "onDelivered", "onFailed", "onSourceRemoved"];
    const hooks = Object.fromEntries(names.map((name) => [name, bad]));
    const { client } = scripted((count) => answer([503, 202, 410][count - 1]), { hooks });
    const posts = [outcome(client.post(message("1"))), outcome(client.post(message("1")))];
    await after(500);
    assert.deepEqual([posts[0].value.attempts, posts[1].code], [2, "source_removed"]);
  }
  await settle();
  process.off("unhandledRejection", unhandled);
  assert.deepEqual(rejections, []);
});

test("no error or hook shows the token, whatever fetch throws or the server answers", async () => {
  const text = "a private text";
  const leak = (init) => new Error(`POST ${canary} ${init.body}`, { cause: { code: init.body, body: init.body } });
  for (const script of [
    (_, init) => {
      throw leak(init);
    },
    (_, init) => Promise.reject(leak(init)),
    (_, init) => Promise.reject(init.body),
    (_, init) => init.body,
    (_, init) => new Response(init.body, { status: 400 }),
    (_, init) => new Response(init.body, { status: 503 }),
    (_, init) => Response.json({ message: init.body, errors: { [canary]: [init.body] } }, { status: 400 }),
    () => Response.json({ message: canary }, { status: 429, headers: { "retry-after": canary } }),
    () => new Response("", { status: 307, headers: { location: `https://example.com/${canary}` } }),
    () => new Promise(() => {}),
  ]) {
    const seen = [];
    const hooks = { onRetry: (event) => seen.push(event), onFailed: (event) => seen.push(event) };
    const { client } = scripted(script, { hooks, retry: { maxAttempts: 2 } });
    const post = outcome(client.post(message("1", `${text} ${canary}`)));
    await after(10_000);
    await after(500);
    await after(10_000);
    assert.ok(post.error instanceof FlowdockError, `${script}`);
    const shown = [
      inspect([post, seen], { depth: 9, showHidden: true }),
      post.error.stack,
      JSON.stringify([post, seen]),
    ];
    assert.ok(!shown.join("\n").includes(canary), shown.join("\n"));
    // The error may quote a server's answer, even if that contains the message's text. It must not quote an exception of `fetch`.
    if (post.code === "network") assert.ok(!shown.join("\n").includes(text), shown.join("\n"));
  }
});

test("the body of an answer that comes after the time limit is cancelled", async () => {
  const { client, requests } = server({ retry: { maxAttempts: 1 } });
  const post = outcome(client.post(message("1")));
  await after(10_000);
  assert.equal(post.code, "timeout");
  let cancelled = 0;
  requests[0].resolve(
    new Response(
      new ReadableStream({
        cancel: () => {
          cancelled += 1;
        },
      }),
      { status: 202 },
    ),
  );
  await settle();
  assert.equal(cancelled, 1);
});

test("the defaults are those that index.d.ts documents", async () => {
  for (const [retry, starts] of /** @type {any[][]} */ ([
    [{ baseMs: 100 }, [0, 100, 300, 700, 1_500, 3_100]],
    [{ maxAttempts: 2 }, [0, 500]],
    [{ capMs: 700 }, [0, 500, 1_200, 1_900, 2_600, 3_300]],
    [false, [0]],
    [{}, [0, 500, 1_500, 3_500, 7_500, 15_500]],
  ])) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, at } = scripted(() => answer(503), { retry });
    outcome(client.post(message("1")));
    for (let step = 0; step < 160; step += 1) await after(100);
    assert.deepEqual(at, starts, JSON.stringify(retry));
  }
});

test("the error for an invalid retry option names the option", () => {
  for (const [options, text] of /** @type {any[][]} */ ([
    [{ retry: true }, "the options must be an object"],
    [{ retry: { maxAttempts: 0 } }, /^`maxAttempts` must be a whole number/],
    [{ retry: { baseMs: 0.5 } }, /^`baseMs` must be/],
    [{ retry: { capMs: "5" } }, /^`capMs` must be/],
    [{ retry: { maxElapsedMs: 2 ** 31 } }, /^`maxElapsedMs` must be/],
    [{ retry: { maxRetryAfter: 1 } }, "`maxRetryAfter` is not a known option, did you mean `maxRetryAfterMs`"],
    [{ concurrency: 0 }, /^`concurrency` must be/],
    [{ concurrency: 2.5 }, /^`concurrency` must be/],
    [{ hooks: { onRetry: 7 } }, "`onRetry` must be a function"],
    [{ hooks: { onDelivery() {} } }, "`onDelivery` is not a known option, did you mean `onDelivered`"],
    [{ hooks: [] }, "the options must be an object"],
    [{ maxAttempts: 3 }, /^`maxAttempts` is not a known option/],
  ])) {
    const make = () => new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, ...options });
    assert.throws(make, (/** @type {any} */ error) => {
      assert.equal(error.code, "invalid_option");
      if (typeof text === "string") assert.equal(error.message, text);
      else assert.match(error.message, text);
      return true;
    });
  }
  assert.ok(
    new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, retry: undefined, hooks: { onRetry: undefined } }),
  );
});
