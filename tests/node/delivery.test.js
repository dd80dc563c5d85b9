// Retries, order, limits, latch and hooks, on a virtual clock: a test moves it, and nothing waits for real.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { inspect } from "node:util";
import { chatMessage, Client, FlowdockError } from "flowdock-integration";

const canary = "29991canary29991canary";
/** Friday, 20 November 2026, 12:00:00 GMT. */
const noon = Date.UTC(2026, 10, 20, 12);

let begun;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
  mock.method(performance, "now", () => Date.now() - noon);
  // Full jitter at its longest.
  mock.method(Math, "random", () => 1 - 2 ** -32);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** Lets everything happen that waits for no timer. */
async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock, and lets happen what follows. */
async function after(ms) {
  await settle();
  mock.timers.tick(ms);
  await settle();
}

const message = (thread, content = "x") => chatMessage({ content, external_thread_id: thread });
const answer = (status, headers) => new Response("{}", { status, headers });

/** A server of the test's own: requests wait in `requests` until they are answered. */
function server(options) {
  const requests = [];
  const fetch = (url, init) =>
    new Promise((resolve, reject) => {
      const { content, uuid, external_thread_id: thread } = JSON.parse(init.body);
      requests.push({ content, uuid, thread, at: performance.now(), signal: init.signal, resolve, reject });
    });
  const client = new Client({ baseUrl: "http://127.0.0.1:1", flowToken: canary, fetch, ...options });
  return { client, requests, at: () => requests.map(({ at }) => at) };
}

/** What becomes of a promise, as a value. */
const outcome = (promise) => {
  const seen = { settled: false };
  promise.then(
    (value) => Object.assign(seen, { settled: true, value }),
    (error) => Object.assign(seen, { settled: true, error, code: error.code }),
  );
  return seen;
};

/** A client whose requests are answered at once, by a script. */
function scripted(script, options) {
  const at = [];
  const fetch = (url, init) => {
    at.push(performance.now());
    return script(at.length, init);
  };
  return { client: new Client({ baseUrl: "http://127.0.0.1:1", flowToken: canary, fetch, ...options }), at };
}

test("a message is tried six times, with waits that double", async () => {
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

test("what is refused is not asked for again", async () => {
  for (const status of [301, 307, 400, 401, 403, 404, 410, 413, 422, 501, 505]) {
    const { client, at } = scripted(() => answer(status));
    const post = outcome(client.post(message("1")));
    await after(120_000);
    assert.deepEqual([post.error.status, at.length], [status, 1]);
  }
});

test("a time limit for each attempt, and one for all", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 40_000 });
  const post = outcome(client.post(message("1")));
  for (let second = 0; second < 119; second += 1) await after(1_000);
  assert.equal(post.settled, false);
  await after(1_000);
  assert.equal(performance.now(), 120_000);
  assert.deepEqual([post.code, at], ["timeout", [0, 41_000, 82_000]]);
});

test("not even the first request takes longer than all may", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 300_000 });
  const post = outcome(client.post(message("1")));
  await after(120_000);
  assert.deepEqual([post.code, post.error?.attempts, at.length], ["timeout", 1, 1]);
});

test("an outage costs a message six requests at most and no more than its time, and then the client works again", async () => {
  const never = () => new Promise(() => {});
  for (const [outage, timeoutMs, most] of [
    [() => Promise.reject(new TypeError("fetch failed")), 10_000, 6], [() => answer(503), 10_000, 6], [never, 10_000, 6], [never, 50_000, 3],
  ]) {
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
    assert.equal(at.length, posts.reduce((sum, { error }) => sum + error.attempts, 0));
    for (const [uuid, time] of ended) assert.ok(time - begun.get(uuid) <= 120_000, `${time - begun.get(uuid)} ms`);
    over = true;
    const last = outcome(client.post(message("0")));
    await settle();
    assert.deepEqual([last.value.attempts, last.value.maybeDuplicate], [1, false]);
  }
});

test("without retries a request may take as long as it is given", async () => {
  const { client, at } = scripted(() => new Promise(() => {}), { timeoutMs: 300_000, retry: false });
  const post = outcome(client.post(message("1")));
  await after(299_999);
  assert.equal(post.settled, false);
  await after(1);
  assert.deepEqual([post.code, at.length, post.error.message], ["timeout", 1, "no answer within 300000 ms"]);
});

test("Retry-After is waited for, with at most a tenth more", async () => {
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

test("a 429 holds the whole client, a 503 its own thread", async () => {
  for (const [status, held] of [[429, true], [503, false]]) {
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
    assert.deepEqual(posts.map(({ value }) => value.attempts), [2, 1, 1]);
  }
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

test("who comes to a place that a 429 left free waits as well", async () => {
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
  const posts = [["a", "1"], ["a", "2"], ["b", "3"], ["a", "4"]].map(([thread, content]) =>
    outcome(client.post(message(thread, content))));
  await settle();
  assert.deepEqual(requests.map(({ content }) => content), ["1", "3"]);
  requests[0].resolve(answer(500));
  requests[1].resolve(answer(202));
  await after(499);
  assert.deepEqual(requests.map(({ content }) => content), ["1", "3"]);
  await after(1);
  requests[2].resolve(answer(202));
  await settle();
  requests[3].resolve(answer(400));
  await settle();
  assert.deepEqual(requests.map(({ content }) => content), ["1", "3", "1", "2", "4"]);
  requests[4].resolve(answer(202));
  await settle();
  assert.deepEqual(posts.map(({ code }) => code), [undefined, "rejected", undefined, undefined]);
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
  assert.deepEqual(requests.map(({ content }) => content), ["1", "2", "5"]);
  requests[0].resolve(answer(202));
  await settle();
  assert.equal(requests.length, 3);
  requests[1].resolve(answer(202));
  await settle();
  assert.deepEqual(requests.map(({ content }) => content), ["1", "2", "5", "3"]);
  requests[3].resolve(answer(202));
  await settle();
  assert.equal(requests[4].content, "4");
});

test("so many requests at a time, and a wait takes no place", async () => {
  for (const [concurrency, most] of [[undefined, 4], [1, 1], [9, 9]]) {
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
  const hooks = { onSourceRemoved: (...given) => removed.push(given), onFailed: ({ error }) => failed.push(error.code) };
  const { client, requests } = server({ concurrency: 2, hooks });
  const posts = ["1", "2", "3", "3"].map((thread) => outcome(client.post(message(thread))));
  await settle();
  // One waits for its next try, one for a place, one for its turn.
  requests[0].resolve(answer(503));
  await settle();
  posts.push(outcome(client.post(message("4"))));
  requests[1].resolve(answer(410));
  await settle();
  assert.deepEqual(posts.map(({ code }) => code), ["source_removed", "source_removed", undefined, "source_removed", "source_removed"]);
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
  const fetch = async (url, init) => answer(JSON.parse(init.body).flow_token === own ? 410 : 202);
  const hooks = { onSourceRemoved: () => (removed += 1) };
  const client = new Client({ baseUrl: "http://127.0.0.1:1", flowToken: canary, fetch, hooks });
  const codes = [];
  for (const flow_token of [own, undefined, own]) {
    const post = outcome(client.post({ ...message("1"), flow_token }));
    await settle();
    codes.push(post.code);
  }
  assert.deepEqual([codes, removed], [["source_removed", undefined, "source_removed"], 1]);
});

test("the caller gives up in every state, and the others go on", async () => {
  for (const [state, maybeDuplicate, attempts] of [
    ["before", false, 0], ["in its lane", false, 0], ["for a place", false, 0], ["on its way", true, 1],
    ["its body", true, 1], ["between two tries", true, 1], ["held", false, 0],
  ]) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, requests } = server({ concurrency: 1 });
    const controller = new AbortController();
    if (state === "before") controller.abort(canary);
    const others = [];
    if (state === "in its lane") others.push(outcome(client.post(message("1"))));
    if (state === "for a place" || state === "held") others.push(outcome(client.post(message("2"))));
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
    assert.deepEqual([post.code, post.error.retryable, post.error.maybeDuplicate, post.error.attempts],
      ["aborted", false, maybeDuplicate, attempts], state);
    assert.equal(signal.aborted, ["on its way", "its body"].includes(state), state);
    for (let step = 0; step < 8; step += 1) {
      for (const request of requests) request.resolve(answer(202));
      await after(1_000);
    }
    assert.deepEqual(others.map(({ value }) => value?.kind), others.map(() => "accepted"), state);
    assert.ok(!inspect(post.error, { depth: 9, showHidden: true }).includes(canary));
  }
});

test("who gives up in the middle of a lane lets nobody overtake", async () => {
  const { client, requests } = server();
  const controller = new AbortController();
  outcome(client.post(message("1", "first")));
  const post = outcome(client.post(message("1", "second"), { signal: controller.signal }));
  outcome(client.post(message("1", "third")));
  await settle();
  controller.abort();
  await settle();
  assert.deepEqual([post.code, requests.map(({ content }) => content)], ["aborted", ["first"]]);
  requests[0].resolve(answer(202));
  await settle();
  assert.deepEqual(requests.map(({ content }) => content), ["first", "third"]);
});

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

test("hooks see what happens, and neither token nor body", async () => {
  const seen = [];
  const note = (name) => (event) => seen.push([name, event]);
  const names = ["onAttempt", "onRetry", "onDelivered", "onFailed", "onSourceRemoved"];
  const hooks = Object.fromEntries(names.map((name) => [name, note(name)]));
  const secret = `the body ${canary}`;
  const script = (count, init) => (count === 1 ? answer(503) : count === 2 ? Response.json({ id: 1, ...JSON.parse(init.body) }) : answer(410));
  const { client } = scripted(script, { hooks });
  const result = outcome(client.post(message("1", secret)));
  await after(500);
  outcome(client.post(message("1", secret)));
  await settle();
  const { uuid } = result.value;
  assert.equal(result.value.message.content, secret);
  assert.deepEqual(seen.map(([name]) => name), ["onAttempt", "onRetry", "onAttempt", "onDelivered", "onAttempt", "onSourceRemoved", "onFailed"]);
  assert.deepEqual(seen[0][1], { uuid, attempt: 1 });
  const { error, ...retry } = seen[1][1];
  assert.deepEqual(retry, { uuid, attempt: 1, waitMs: 500 });
  assert.ok(error instanceof FlowdockError && error.code === "server");
  assert.deepEqual(seen[3][1], { uuid, kind: "created", attempts: 2, maybeDuplicate: true });
  assert.equal(seen[6][1].error.code, "source_removed");
  assert.ok(!inspect(seen, { depth: 9, showHidden: true }).includes(canary));
});

test("a hook that throws, now or later, changes nothing", async () => {
  const rejections = [];
  const unhandled = (reason) => rejections.push(reason);
  process.on("unhandledRejection", unhandled);
  for (const bad of [() => { throw new Error("hook"); }, async () => { throw "hook"; }, () => ({ get then() { throw 1; } })]) {
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

test("nothing shows the token, whatever fetch throws or the server says", async () => {
  const text = "a private text";
  const leak = (init) => new Error(`POST ${canary} ${init.body}`, { cause: { code: init.body, body: init.body } });
  for (const script of [
    (_, init) => { throw leak(init); },
    (_, init) => Promise.reject(leak(init)),
    (_, init) => Promise.reject(init.body),
    (_, init) => init.body,
    (_, init) => new Response(init.body, { status: 400 }),
    (_, init) => new Response(init.body, { status: 503 }),
    (_, init) => Response.json({ message: init.body, errors: { [canary]: [init.body] } }, { status: 400 }),
    (_, init) => Response.json({ message: canary }, { status: 429, headers: { "retry-after": canary } }),
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
    const shown = [inspect([post, seen], { depth: 9, showHidden: true }), post.error.stack, JSON.stringify([post, seen])];
    assert.ok(!shown.join("\n").includes(canary), shown.join("\n"));
    // A server may say what it likes of a message; a fetch is not asked.
    if (post.code === "network") assert.ok(!shown.join("\n").includes(text), shown.join("\n"));
  }
});

test("what a fetch does too late is let go", async () => {
  const { client, requests } = server({ retry: { maxAttempts: 1 } });
  const post = outcome(client.post(message("1")));
  await after(10_000);
  assert.equal(post.code, "timeout");
  let cancelled = 0;
  requests[0].resolve(new Response(new ReadableStream({ cancel: () => { cancelled += 1; } }), { status: 202 }));
  await settle();
  assert.equal(cancelled, 1);
});

test("the defaults are those that the types promise", async () => {
  for (const [retry, starts] of [
    [{ baseMs: 100 }, [0, 100, 300, 700, 1_500, 3_100]],
    [{ maxAttempts: 2 }, [0, 500]],
    [{ capMs: 700 }, [0, 500, 1_200, 1_900, 2_600, 3_300]],
    [false, [0]],
    [{}, [0, 500, 1_500, 3_500, 7_500, 15_500]],
  ]) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    const { client, at } = scripted(() => answer(503), { retry });
    outcome(client.post(message("1")));
    for (let step = 0; step < 160; step += 1) await after(100);
    assert.deepEqual(at, starts, JSON.stringify(retry));
  }
});

test("an option that cannot be used is named", () => {
  for (const [options, text] of [
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
  ]) {
    const make = () => new Client({ baseUrl: "http://127.0.0.1:1", flowToken: canary, ...options });
    assert.throws(make, (error) => {
      assert.equal(error.code, "invalid_option");
      if (typeof text === "string") assert.equal(error.message, text);
      else assert.match(error.message, text);
      return true;
    });
  }
  assert.ok(new Client({ baseUrl: "http://127.0.0.1:1", flowToken: canary, retry: undefined, hooks: { onRetry: undefined } }));
});
