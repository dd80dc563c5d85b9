// The package in workerd, the runtime of Cloudflare Workers, which compiles no WebAssembly at run time.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { startWorker } from "../../examples/support/worker.js";
import { startInbox } from "../node/support/inbox.js";
import { judge, stored } from "../node/support/judge.js";
import { storms } from "../node/support/storms.js";

let inbox;
let worker;

before(async () => {
  inbox = await startInbox();
  worker = await startWorker(new URL("./workers/post.js", import.meta.url), {
    bindings: { URL: inbox.url, TOKEN: inbox.flow_token },
    durableObjects: { POSTER: "Poster" },
    // A service binding that forwards only the URL, the Content-Type and the body of a request.
    serviceBindings: {
      INBOX: (/** @type {any} */ { url, headers, body }) =>
        fetch(
          url,
          /** @type {any} */ ({
            method: "POST",
            headers: { "Content-Type": headers.get("Content-Type") },
            body,
            duplex: "half",
          }),
        ),
    },
  });
});

after(async () => {
  await worker?.dispose();
  await inbox?.stop();
});

test("a worker checks a message and posts it", async () => {
  const response = await worker.dispatchFetch("http://worker/");
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const { result, report } = JSON.parse(text);
  assert.equal(result.kind, "accepted");
  assert.equal(report.violations.length, 5);
  const [message] = await inbox.get("/messages");
  assert.deepEqual([message.content, message.uuid], ["from the edge", result.uuid]);
});

/** Runs a storm in a worker. */
async function storm(given) {
  const response = await worker.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(given) });
  return response.json();
}

storms("in a worker", { short: [300, 50], long: [10_000, 200], seeds: [5] }, (options, count, threads) =>
  storm({ ...options, concurrency: 6, count, threads }),
);

test("a client can post through a service binding", async () => {
  const own = await startInbox();
  try {
    const results = await storm({ baseUrl: own.url, flowToken: own.flow_token, binding: true, count: 10, threads: 2 });
    assert.equal(judge(results, 10, await stored(own)).delivered, 10);
  } finally {
    await own.stop();
  }
});

for (const [where, path, shared] of [
  ["a client for each request", "/each", false],
  ["the client of a Durable Object", "/object", true],
]) {
  test(`${where} posts beside a request that was cancelled`, async () => {
    const seen = [];
    const waiting = [];
    const server = createServer(async (request, response) => {
      const { content } = JSON.parse(await text(request));
      seen.push(content);
      if (content === "first") waiting.push(response);
      else response.writeHead(202).end("{}");
      server.emit("seen");
    }).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const { origin } = await worker.ready;
      const post = (content, options) =>
        fetch(`${origin}${path}?content=${content}&at=http://127.0.0.1:${server.address().port}`, options);
      const controller = new AbortController();
      const first = post("first", { signal: controller.signal });
      await once(server, "seen");
      const second = post("second");
      controller.abort();
      await assert.rejects(first, { name: "AbortError" });
      // With a shared client the second post waits for the request slot of the first.
      if (shared) waiting[0].writeHead(202).end("{}");
      const response = await second;
      assert.equal(response.status, 200, await response.clone().text());
      assert.deepEqual([(await response.json()).kind, seen], ["accepted", ["first", "second"]]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
