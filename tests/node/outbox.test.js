// The core of the outbox: what becomes of messages, by the table that Rust runs too, and what is JavaScript's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import BetterSqlite3 from "better-sqlite3";
import { Client, chatMessage, FlowdockError, prepare } from "flowdock-integration";
import { deliver, Outbox } from "flowdock-integration/outbox";
import { sqlOutbox } from "flowdock-integration/outbox/sql";

const { fates, scenarios } = JSON.parse(readFileSync(new URL("../fixtures/outbox.json", import.meta.url), "utf8"));
const token = "29991canary29991canary";

const store = () => sqlOutbox(new BetterSqlite3(":memory:"));
const message = (uuid, thread) => chatMessage({ content: "x", uuid, external_thread_id: thread });
/** A client that makes one request a post, which `answer` answers. */
const clientOf = (answer, options) =>
  new Client({ baseUrl: "http://127.0.0.1:2", flowToken: token, retry: false, fetch: answer, ...options });
const accepted = () => new Response("{}", { status: 202 });

for (const { error, attempts = 1, holds = 1, random = 1, becomes } of fates.rows) {
  const name = JSON.stringify({ ...error, attempts, holds, random });
  test(`${name} becomes ${JSON.stringify(becomes)}`, async (context) => {
    context.mock.method(Math, "random", () => random);
    const thrown = new FlowdockError({ message: "", ...error });
    const client = { longestPostMs: 1, post: () => Promise.reject(thrown) };
    const { retryInMs, isHeld: held, ...end } = await deliver(client, { uuid: "1" }, { attempts, holds });
    if (end.error) assert.equal(end.error, thrown);
    if (end.refused) assert.equal(end.refused, thrown);
    const fate = retryInMs === undefined ? { [Object.keys(end)[0]]: true } : { retryInMs, held };
    assert.deepEqual(fate, becomes);
  });
}

for (const { name, options, steps } of scenarios.rows) {
  test(name, async (context) => {
    let clock = 0;
    let monotonic = 0;
    context.mock.method(Date, "now", () => clock);
    context.mock.method(performance, "now", () => monotonic);
    context.mock.method(Math, "random", () => 1);
    let sent = [];
    let told = [];
    let answers = {};
    const hook = (hook) => (subject, value) => {
      const {
        source = subject,
        uuid,
        code,
      } = { ...subject, ...(hook !== "onDropped" && value instanceof FlowdockError && { code: value.code }) };
      told.push([hook, source, uuid, code].filter(Boolean).join(" "));
    };
    const names = ["onDelivered", "onRefused", "onDropped", "onSourceRemoved", "onHeld"];
    const outbox = new Outbox({
      store: store(),
      concurrency: 1,
      ...options,
      client: (source) =>
        clientOf((_url, { body }) => {
          const { uuid } = JSON.parse(body);
          sent.push(`${source} ${uuid}`);
          const [status, after] = [answers[uuid] ?? 202].flat();
          if (status === "unreachable") throw new TypeError("fetch failed");
          return new Response("{}", { status, headers: after ? { "retry-after": after } : {} });
        }),
      hooks: Object.fromEntries(names.map((name) => [name, hook(name)])),
    });
    for (const step of steps) {
      if (step.clock !== undefined) {
        monotonic += Math.max(step.clock - clock, 0);
        clock = step.clock;
      } else if (step.post) {
        const { sources = ["a"], uuid, thread } = step.post;
        const posted = outbox.post(sources, message(uuid, thread));
        if (step.rejects) await assert.rejects(posted, { name: "FlowdockError", code: step.rejects });
        else assert.deepEqual(await posted, { uuid });
      } else {
        [sent, told, answers] = [[], [], step.drain];
        const next = (await outbox.drain()) ?? null;
        const { sent: requests, told: hooks, next: again, waits } = step;
        assert.deepEqual(
          { sent, told, next, waits: await outbox.count() },
          { sent: requests, told: hooks, next: again, waits },
        );
      }
    }
  });
}

test("a stored message has no token, and its uuid is the one that is sent each time", async () => {
  const db = new BetterSqlite3(":memory:");
  const sent = [];
  const answers = [503, 202];
  const client = clientOf((_url, { body }) => {
    sent.push(JSON.parse(body));
    return new Response("{}", { status: answers.shift() });
  });
  const outbox = new Outbox({ store: sqlOutbox(db), client: () => client, backoff: { baseMs: 1, capMs: 1 } });
  const { uuid } = await outbox.post("a", chatMessage({ content: "x" }));
  const rows = db.prepare("SELECT * FROM flowdock_outbox").all();
  assert.deepEqual([rows.length, rows[0].uuid, inspect(rows).includes(token)], [1, uuid, false]);
  for (let next; sent.length < 2; ) {
    next = await outbox.drain();
    await new Promise((resolve) => setTimeout(resolve, (next ?? 0) - Date.now()));
  }
  assert.deepEqual(
    sent.map(({ uuid, flow_token, content }) => [uuid, flow_token, content]),
    [1, 2].map(() => [uuid, token, "x"]),
  );
});

test("a message is checked before it is stored", async () => {
  const kept = store();
  const outbox = new Outbox({ store: kept, client: () => undefined });
  await assert.rejects(outbox.post("a", { event: "message", content: "" }), { code: "invalid_message" });
  await assert.rejects(outbox.post("a", { ...message("1"), flow_token: token }), ({ code, message }) => {
    assert.ok(!message.includes(token));
    return code === "invalid_option";
  });
  const activity = { event: "activity", title: "x", author: { name: "Marty" }, external_thread_id: "1" };
  await assert.rejects(outbox.post("a", activity), { code: "invalid_message" });
  assert.deepEqual(kept.size(), { entries: 0, bytes: 0 });
});

test("a message whose thread is left out is posted without it", async () => {
  const sent = [];
  const outbox = new Outbox({
    store: store(),
    client: () => clientOf((_url, { body }) => sent.push(JSON.parse(body)) && accepted()),
  });
  const activity = { event: "activity", title: "x", author: { name: "Marty" }, external_thread_id: "1" };
  await outbox.post("a", activity, { thread: "optional" });
  assert.equal(await outbox.drain(), undefined);
  assert.deepEqual(
    sent.map(({ title }) => title),
    ["x"],
  );
});

test("prepare returns the lanes of the client, and a body that has the uuid and no token", () => {
  const { lanes, uuid, body } = prepare({ event: "message", content: "x", thread_id: "7", external_thread_id: "1" });
  assert.deepEqual(lanes, ["thread_id:7", "external_thread_id:1"]);
  assert.deepEqual(JSON.parse(body), { event: "message", content: "x", thread_id: "7", external_thread_id: "1", uuid });
  assert.deepEqual(prepare(message("own")).uuid, "own");
  // However the body is put together.
  const messages = [
    { uuid: "1" },
    { uuid: null },
    { flow_token: null },
    { uuid: "1", content: "\ud83d" },
    { content: '"flow_token":"",' },
  ];
  for (const one of messages) {
    // A null stays, since it is no token: the client puts its own in its place.
    const want = { event: "message", content: "x", ...one };
    const { uuid, body } = prepare({ event: "message", content: "x", ...one });
    const content = want.content.replace("\ud83d", "\ufffd");
    assert.deepEqual(JSON.parse(body), { ...want, uuid, content });
    assert.equal(uuid, one.uuid ?? uuid);
  }
  assert.throws(() => prepare(message("1"), { flowToken: token }), { code: "invalid_option" });
});

test("a store that fails rejects the post with its own error as cause", async () => {
  const cause = new Error("disk I/O error");
  const put = () => Promise.reject(cause);
  const outbox = new Outbox({ store: Object.assign(store(), { put }), client: () => undefined });
  await assert.rejects(outbox.post("a", message("1")), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.retryable, error.cause], ["storage", true, cause]);
    return error instanceof FlowdockError;
  });
});

test("a full disk and a closed database reject the post, and lose nothing", async () => {
  const db = new BetterSqlite3(":memory:");
  const outbox = new Outbox({ store: sqlOutbox(db), client: () => clientOf(accepted) });
  await outbox.post("a", message("1"));
  // SQLite takes this many pages for the size of the disk.
  db.pragma(`max_page_count = ${db.pragma("page_count", { simple: true })}`);
  const large = { ...message("2"), content: "x".repeat(8_000) };
  await assert.rejects(outbox.post("a", large), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.cause.code], ["storage", "SQLITE_FULL"]);
    return error instanceof FlowdockError;
  });
  assert.deepEqual([await outbox.count(), await outbox.drain(), await outbox.count()], [1, undefined, 0]);
  db.close();
  await assert.rejects(outbox.post("a", message("3")), { name: "FlowdockError", code: "storage" });
});

test("an outbox that is full takes nothing, and takes more when there is room again", async () => {
  const full = { name: "FlowdockError", code: "storage", retryable: true };
  const kept = store();
  const outbox = new Outbox({ store: kept, client: () => clientOf(accepted), maxEntries: 3, maxBytes: 1_000 });
  await outbox.post(["a", "b"], message("1"));
  await assert.rejects(outbox.post(["a", "b"], message("2")), full);
  assert.equal(await outbox.count(), 2, "none of them is stored");
  await outbox.post("a", message("2"));
  await assert.rejects(outbox.post("a", message("3")), full);
  assert.equal(await outbox.drain(), undefined);
  await assert.rejects(outbox.post("a", { ...message("4"), content: "é".repeat(1_000) }), full);
  await outbox.post("a", { ...message("4"), content: "é".repeat(800) });
  await assert.rejects(outbox.post("a", { ...message("5"), content: "é".repeat(200) }), full);
  assert.equal(await outbox.count(), 1);
  // Another process, or another object, counts what is there.
  const other = new Outbox({ store: kept, client: () => undefined, maxEntries: 1 });
  await assert.rejects(other.post("a", message("6")), full);
});

test("a lease that a post could outlive is refused, and the message stays", async () => {
  const options = { store: store(), leaseMs: 20_000, client: () => clientOf(accepted, { retry: {} }) };
  const outbox = new Outbox(options);
  await outbox.post("a", message("1"));
  await assert.rejects(outbox.drain(), { code: "invalid_option", message: /leaseMs/ });
  assert.equal(await outbox.count(), 1);
  assert.deepEqual(
    [clientOf(accepted).longestPostMs, clientOf(accepted, { retry: { maxElapsedMs: 7 }, timeoutMs: 5 }).longestPostMs],
    [10_000, 12],
  );
});

test("what `client` throws comes out of drain; its source waits, and all others are sent", async () => {
  const failure = new Error("the tokens cannot be read");
  const client = (source) => {
    if (source === "a") throw failure;
    return clientOf(accepted);
  };
  const outbox = new Outbox({ store: store(), client });
  for (let number = 0; number < 20; number += 1) await outbox.post("a", message(`${number}`));
  await outbox.post("b", message("1"));
  await assert.rejects(outbox.drain(), (error) => error === failure);
  assert.deepEqual([await outbox.count("a"), await outbox.count("b")], [20, 0]);
  const next = await outbox.drain();
  assert.ok(next > Date.now() && next <= Date.now() + 60_000);
});

test("the messages of a source that the program does not know wait until it knows it, or gives it up", async (context) => {
  let clock = 0;
  context.mock.method(Date, "now", () => clock);
  context.mock.method(performance, "now", () => clock);
  const kept = store();
  const held = [];
  const onHeld = (source, { code }) => held.push(`${source} ${code}`);
  const older = new Outbox({ store: kept, client: () => undefined, hooks: { onHeld } });
  await older.post(["a", "b"], message("1"));
  await older.post("a", message("2"));
  assert.deepEqual([await older.drain(), await older.count()], [300_000, 3]);
  clock = 300_000;
  assert.deepEqual([await older.drain(), await older.count()], [900_000, 3]);
  assert.deepEqual(held, ["a invalid_option", "b invalid_option", "a invalid_option", "b invalid_option"]);
  kept.removeSource("b");
  clock = 900_000;
  const newer = new Outbox({ store: kept, client: () => clientOf(accepted) });
  assert.deepEqual([await newer.drain(), await newer.count()], [undefined, 0]);
});

test("posts that nobody waits for are stored in their order", async () => {
  const kept = store();
  const stored = [];
  let release = [];
  const put = ([{ uuid }]) =>
    new Promise((resolve) => {
      stored.push(uuid);
      release.push(resolve);
    });
  const outbox = new Outbox({ store: Object.assign(kept, { put }), client: () => clientOf(accepted) });
  const posts = ["1", "2", "3"].map((uuid) => outbox.post("a", message(uuid)));
  for (const post of posts) {
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(release.length, 1, "the next one waits");
    release.pop()();
    release = [];
    await post;
  }
  assert.deepEqual(stored, ["1", "2", "3"]);
});

test("a call of drain is not lost, in whichever moment it comes", async () => {
  for (let turns = 0; turns < 30; turns += 1) {
    const kept = store();
    const outbox = new Outbox({ store: kept, client: () => clientOf(accepted) });
    const first = outbox.drain();
    for (let turn = 0; turn < turns; turn += 1) await undefined;
    kept.put(outbox.entries("a", message("1")));
    const second = outbox.drain();
    await Promise.all([first, second]);
    assert.equal(await outbox.count(), 0, `after ${turns} turns`);
  }
});

test("the hook of a removed source is over before its messages are gone, whichever try learned of it", async () => {
  const kept = store();
  const seen = [];
  let release;
  const both = new Promise((resolve) => {
    release = resolve;
  });
  let count = 0;
  const fetch = async () => {
    count += 1;
    if (count === 2) release();
    await both;
    return new Response("{}", { status: 410 });
  };
  const onSourceRemoved = async (source) => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    seen.push([source, kept.size().entries]);
  };
  const hooks = { onSourceRemoved };
  const outbox = new Outbox({ store: kept, concurrency: 2, client: () => clientOf(fetch), hooks });
  for (const uuid of ["1", "2"]) await outbox.post("a", message(uuid));
  assert.deepEqual([await outbox.drain(), seen, await outbox.count()], [undefined, [["a", 2]], 0]);
});

test("a store that fails amid a drain ends it after what is under way", async () => {
  const failure = new Error("disk I/O error");
  const kept = store();
  const { take } = kept;
  let times = 0;
  const failing = Object.assign(kept, {
    take(...values) {
      times += 1;
      if (times === 2) throw failure;
      return take.apply(kept, values);
    },
  });
  let isOver = false;
  const fetch = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    isOver = true;
    return accepted();
  };
  const outbox = new Outbox({ store: failing, client: () => clientOf(fetch) });
  await outbox.post("a", message("1"));
  const draining = outbox.drain();
  await new Promise((resolve) => setImmediate(resolve));
  outbox.drain();
  await assert.rejects(draining, (error) => error === failure);
  assert.deepEqual([isOver, times, await outbox.count()], [true, 2, 0]);
});

test("a message that becomes due while another is under way does not wait for it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let release;
  const slow = new Promise((resolve) => {
    release = resolve;
  });
  const sent = [];
  let look;
  const fetch = async (_url, { body }) => {
    const { uuid } = JSON.parse(body);
    sent.push(uuid);
    if (uuid === "slow") await slow;
    if (sent.length === 2) return new Response("{}", { status: 503 });
    look?.();
    return accepted();
  };
  const outbox = new Outbox({ store: store(), client: () => clientOf(fetch), backoff: { baseMs: 1, capMs: 1 } });
  for (const uuid of ["slow", "quick"]) await outbox.post("a", message(uuid));
  const again = new Promise((resolve) => {
    look = resolve;
  });
  const draining = outbox.drain();
  while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
  // The message is due after a millisecond, and the outbox looks for it after a second.
  const due = Date.now() + 2;
  while (Date.now() < due) await new Promise((resolve) => setImmediate(resolve));
  context.mock.timers.tick(1_000);
  await again;
  assert.deepEqual(sent, ["slow", "quick", "quick"]);
  release();
  assert.equal(await draining, undefined);
});

test("an aborted drain gives its messages back at once", async () => {
  const controller = new AbortController();
  const fetch = () => {
    controller.abort();
    return new Promise(() => {});
  };
  const outbox = new Outbox({ store: store(), client: () => clientOf(fetch), concurrency: 2 });
  for (const uuid of ["1", "2", "3"]) await outbox.post("a", message(uuid));
  assert.ok((await outbox.drain({ signal: controller.signal })) <= Date.now());
  assert.equal(await outbox.count(), 3);
});

test("a call during a drain shares it, and what was stored before that call is sent", async () => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const sent = [];
  const outbox = new Outbox({
    store: store(),
    client: () =>
      clientOf(async (_url, { body }) => {
        const { uuid } = JSON.parse(body);
        sent.push(uuid);
        if (uuid === "1") await held;
        if (uuid === "2") release();
        return accepted();
      }),
  });
  await outbox.post("a", message("1"));
  const first = outbox.drain();
  await new Promise((resolve) => setImmediate(resolve));
  await outbox.post("a", message("2"));
  assert.equal(outbox.drain(), first);
  assert.deepEqual([await first, sent], [undefined, ["1", "2"]]);
});

test("a call while a drain asks when the next message is due is not lost", async () => {
  const kept = store();
  const { next } = kept;
  let meanwhile = async () => {};
  const slow = Object.assign(kept, {
    async next() {
      const due = next.call(kept);
      await meanwhile();
      return due;
    },
  });
  const outbox = new Outbox({ store: slow, client: () => clientOf(accepted) });
  meanwhile = async () => {
    meanwhile = async () => {};
    await outbox.post("a", message("1"));
    outbox.drain();
  };
  assert.deepEqual([await outbox.drain(), await outbox.count()], [undefined, 0]);
});

test("a store that may give more is asked again", async () => {
  const kept = store();
  const { take } = kept;
  let times = 0;
  const hesitant = Object.assign(kept, {
    take(...values) {
      times += 1;
      return times % 3 === 0 ? take.apply(kept, values) : [];
    },
  });
  const outbox = new Outbox({ store: hesitant, client: () => clientOf(accepted) });
  await outbox.post("a", message("1"));
  assert.deepEqual([await outbox.drain(), await outbox.count()], [undefined, 0]);
});

test("messages of one source that are refused at the same time hold it once", async () => {
  const held = [];
  let count = 0;
  let release;
  const both = new Promise((resolve) => {
    release = resolve;
  });
  const fetch = async () => {
    count += 1;
    if (count === 2) release();
    await both;
    return new Response("{}", { status: 401 });
  };
  const onHeld = (source, { code }) => held.push(`${source} ${code}`);
  const outbox = new Outbox({ store: store(), concurrency: 2, client: () => clientOf(fetch), hooks: { onHeld } });
  for (const uuid of ["1", "2", "3"]) await outbox.post("a", message(uuid));
  const next = await outbox.drain();
  assert.deepEqual([held, count], [["a unauthorized"], 2]);
  assert.ok(next > Date.now() + 200_000 && next <= Date.now() + 300_000);
});

test("never are more messages under way than `concurrency` says, and never two of a thread", async () => {
  const open = new Map();
  let most = 0;
  const outbox = new Outbox({
    store: store(),
    concurrency: 3,
    client: () =>
      clientOf(async (_url, { body }) => {
        const { uuid, external_thread_id: thread } = JSON.parse(body);
        assert.ok(!open.has(thread), `${uuid} and ${open.get(thread)}`);
        open.set(thread, uuid);
        most = Math.max(most, open.size);
        await new Promise((resolve) => setImmediate(resolve));
        open.delete(thread);
        return accepted();
      }),
  });
  for (let number = 0; number < 60; number += 1) await outbox.post("a", message(`${number}`, `${number % 7}`));
  assert.deepEqual([await outbox.drain(), most], [undefined, 3]);
});

test("a hook is called before its message is gone, is waited for, and changes nothing when it throws", async () => {
  const seen = [];
  const kept = store();
  const outbox = new Outbox({
    store: kept,
    client: () => clientOf(accepted),
    hooks: {
      async onDelivered({ uuid }) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push([uuid, kept.size().entries]);
        throw new Error("the hook fails");
      },
    },
  });
  await outbox.post("a", message("1"));
  assert.deepEqual([await outbox.drain(), seen, await outbox.count()], [undefined, [["1", 1]], 0]);
});

test("deliver takes no message without a uuid", async () => {
  await assert.rejects(deliver(clientOf(accepted), chatMessage({ content: "x" })), { code: "invalid_option" });
});

test("options that cannot be used are refused", async () => {
  const good = { store: store(), client: () => undefined };
  const { put, ...withoutPut } = { put() {}, take() {}, settle() {}, removeSource() {}, next() {}, size() {} };
  assert.equal(typeof put, "function");
  for (const options of [
    { ...good, keepMS: 1 },
    { client: good.client },
    { store: good.store },
    { ...good, store: null },
    { ...good, store: withoutPut },
    { ...good, client: {} },
    { ...good, concurrency: 0 },
    { ...good, concurrency: 1.5 },
    { ...good, concurrency: "4" },
    { ...good, leaseMs: Number.NaN },
    { ...good, leaseMs: "300000" },
    { ...good, leaseMs: Number.POSITIVE_INFINITY },
    { ...good, keepMs: "1d" },
    { ...good, backoff: { baseMs: "5s" } },
    { ...good, backoff: { baseMs: 0 } },
    { ...good, backoff: { baseMS: 1 } },
    { ...good, backoff: 5 },
    { ...good, hooks: { onDeliverd() {} } },
    { ...good, hooks: { onDelivered: "log" } },
    undefined,
  ]) {
    assert.throws(() => new Outbox(options), { name: "FlowdockError", code: "invalid_option" }, inspect(options));
  }
  const outbox = new Outbox({ ...good, keepMs: undefined, backoff: undefined, hooks: { onHeld: undefined } });
  for (const source of [5, undefined, null, {}, ["a", 5]]) {
    await assert.rejects(outbox.post(source, message("1")), { code: "invalid_option" }, inspect(source));
  }
  await assert.rejects(deliver(clientOf(accepted), message("1"), { backoff: { capMs: "1h" } }), {
    code: "invalid_option",
  });
});
