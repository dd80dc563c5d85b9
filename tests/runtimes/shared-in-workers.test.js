// In Cloudflare Workers, incoming requests that share a client or an OAuth object.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { startWorker } from "../../examples/support/worker.js";
import { reset } from "../node/support/fault-proxy.js";

/**
 * Starts a worker, and a server that answers a request when the test says so.
 *
 * @param {(tools: Awaited<ReturnType<typeof start>>) => Promise<void>} run
 */
async function withWorker(run) {
  const tools = await start();
  try {
    await run(tools);
  } finally {
    await tools.stop();
  }
}

async function start() {
  /** The requests that wait for their answers. */
  const open = [];
  let begun = 0;
  const server = createServer(async (request, response) => {
    if (request.method === "PUT") {
      begun += 1;
      response.end();
      server.emit("begun");
      return;
    }
    const body = await text(request);
    const closed = once(request.socket, "close");
    open.push({ body, closed, answer: (status, json) => response.writeHead(status).end(JSON.stringify(json)) });
    server.emit("open");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const worker = await startWorker(new URL("./workers/shared.js", import.meta.url), {
    // Before 2024-10-14 a promise of one request did not even settle for another.
    compatibilityDate: "2024-01-01",
    durableObjects: { POSTER: "Poster" },
  });
  const { origin } = await worker.ready;
  const at = `http://127.0.0.1:${server.address().port}`;
  return {
    async ask(path, query = {}) {
      const response = await fetch(`${origin}${path}?${new URLSearchParams({ at, ...query })}`);
      const answer = await response.text();
      assert.equal(response.status, 200, answer);
      return JSON.parse(answer);
    },
    /** Makes a request, and returns a function that resets its connection, which workerd notices at once. */
    async askAndReset(path, query) {
      const { hostname, port } = new URL(origin);
      const socket = connect(Number(port), hostname);
      await once(socket, "connect");
      socket.write(`GET ${path}?${new URLSearchParams({ at, ...query })} HTTP/1.1\r\nHost: worker\r\n\r\n`);
      return () => reset(socket);
    },
    /** Waits until so many requests of the worker have begun. */
    async untilBegun(count) {
      while (begun < count) await once(server, "begun");
    },
    /** Waits for the next request that the worker makes. */
    async next() {
      while (open.length === 0) await once(server, "open");
      return open.shift();
    },
    async stop() {
      await worker.dispose();
      server.closeAllConnections();
      server.close();
    },
  };
}

const TOKENS = { access_token: "a2", refresh_token: "r2", token_type: "bearer", scope: "flow" };

const contentOf = ({ body }) => JSON.parse(body).content;

for (const { what, threads } of [
  { what: "a request slot", threads: ["0", "1", "2", "3", "4", "5"] },
  { what: "its thread", threads: Array(6).fill("one") },
]) {
  test(`a post that waits for ${what} of another request is posted`, () =>
    withWorker(async ({ ask, untilBegun, next }) => {
      const answers = threads.map((thread, index) => ask("/post", { content: `${index}`, thread }));
      await untilBegun(6);
      const seen = [];
      for (let count = 0; count < 6; count += 1) {
        const request = await next();
        seen.push(contentOf(request));
        request.answer(202, {});
      }
      assert.deepEqual(await Promise.all(answers), Array(6).fill("accepted"));
      assert.deepEqual(seen.sort(), ["0", "1", "2", "3", "4", "5"]);
    }));
}

test("what a cancelled request held is released, and the others are posted", () =>
  withWorker(async ({ ask, askAndReset, untilBegun, next }) => {
    const reset = await askAndReset("/post", { content: "first", thread: "one" });
    const first = await next();
    assert.equal(contentOf(first), "first");
    const behind = ask("/post", { content: "second", thread: "one" });
    await untilBegun(2);
    reset();
    // The runtime has ended the first request: it closes the connection without an answer.
    await first.closed;
    const request = await next();
    assert.equal(contentOf(request), "second");
    request.answer(202, {});
    assert.equal(await behind, "accepted");
  }));

test("an object that blocks itself by a timer ends its post in flight", () =>
  withWorker(async ({ ask, next }) => {
    const post = ask("/object", { object: "a", content: "1", thread: "1" });
    const request = await next();
    const block = ask("/block-by-timer", { object: "a" });
    for (let count = 0; count < 20; count += 1) await ask("/ping");
    request.answer(202, {});
    assert.deepEqual(await Promise.all([post, block]), ["accepted", "unblocked"]);
  }));

// With a time limit, because the post would wait for ever.
test("a post whose timers were held back is not lost", { timeout: 30_000 }, () =>
  withWorker(async ({ ask, next }) => {
    // The slot of the client is taken for longer than a cancelled request would be silent. Behind it wait the posts of two objects.
    const first = ask("/object", { object: "first", content: "first", thread: "1", timeout: "7000" });
    const request = await next();
    const late = ask("/object", { object: "late", content: "late", thread: "2" });
    for (let count = 0; count < 20; count += 1) await ask("/ping");
    const other = ask("/object", { object: "other", content: "other", thread: "3" });
    // Holds back the timers of one object. The others take it for one of a cancelled request, so `other` is the next to get the slot.
    const block = ask("/block", { object: "late" });
    const held = await next();
    const passed = await next();
    assert.equal(contentOf(passed), "other");
    passed.answer(202, {});
    held.answer(200, {});
    assert.equal(await block, "unblocked");
    const last = await next();
    assert.equal(contentOf(last), "late");
    last.answer(202, {});
    assert.deepEqual(await Promise.all([first, late, other]), ["timeout", "accepted", "accepted"]);
    request.answer(202, {});
  }),
);

test("a 410 of one request ends the posts of the others", () =>
  withWorker(async ({ ask, untilBegun, next }) => {
    const answers = ["0", "1", "2"].map((content) => ask("/post", { content, thread: content }));
    await untilBegun(3);
    (await next()).answer(410, {});
    assert.deepEqual(await Promise.all(answers), Array(3).fill("source_removed"));
  }));

test("postAll posts beside another request", () =>
  withWorker(async ({ ask, untilBegun, next }) => {
    const answers = ["0", "1"].map((content) => ask("/all", { content, thread: content }));
    await untilBegun(2);
    for (let count = 0; count < 4; count += 1) (await next()).answer(202, {});
    assert.deepEqual(await Promise.all(answers), Array(2).fill(["accepted", "accepted"]));
  }));

test("requests that refresh the same token make one request and share its answer", () =>
  withWorker(async ({ ask, untilBegun, next }) => {
    const answers = [1, 2, 3].map(() => ask("/refresh", { timeout: "10000" }));
    await untilBegun(3);
    // By the time the worker has answered these, the other requests wait too.
    for (let count = 0; count < 20; count += 1) await ask("/ping");
    (await next()).answer(200, TOKENS);
    for (const { accessToken, refreshToken } of await Promise.all(answers)) {
      assert.deepEqual([accessToken, refreshToken], ["a2", "r2"]);
    }
  }));

test("when the request that refreshes is cancelled, the others reject, and the next one refreshes", () =>
  withWorker(async ({ ask, askAndReset, untilBegun, next }) => {
    const reset = await askAndReset("/refresh", { timeout: "1000" });
    const first = await next();
    const behind = ask("/refresh");
    await untilBegun(2);
    reset();
    await first.closed;
    assert.equal(await behind, "timeout");
    const again = ask("/refresh");
    (await next()).answer(200, TOKENS);
    assert.equal((await again).accessToken, "a2");
  }));

test("a request that gives up an old refresh leaves the new one to the others", () =>
  withWorker(async ({ ask, askAndReset, untilBegun, next }) => {
    const reset = await askAndReset("/refresh", { timeout: "1000" });
    const cancelled = await next();
    const early = ask("/refresh");
    await untilBegun(2);
    // Some time later, so that it gives up later too.
    for (let count = 0; count < 20; count += 1) await ask("/ping");
    const late = ask("/refresh");
    await untilBegun(3);
    reset();
    await cancelled.closed;
    assert.equal(await early, "timeout");
    const anew = ask("/refresh");
    const request = await next();
    assert.equal(await late, "timeout");
    const beside = ask("/refresh");
    await untilBegun(5);
    for (let count = 0; count < 20; count += 1) await ask("/ping");
    request.answer(200, TOKENS);
    assert.deepEqual(
      (await Promise.all([anew, beside])).map(({ accessToken }) => accessToken),
      ["a2", "a2"],
    );
  }));
