// The package in workerd, the runtime of Cloudflare Workers, which compiles no WebAssembly at run time.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startInbox } from "../node/support/inbox.js";
import { judge, stored } from "../node/support/judge.js";
import { storms } from "../node/support/storms.js";

const worker = `
  import { chatMessage, Client, validate } from "flowdock-integration";
  import { storm } from "./storm.js";
  const post = async (client, { searchParams }) => {
    const content = searchParams.get("content");
    return client.post({ event: "message", content, external_thread_id: content });
  };
  const options = ({ searchParams }) => ({ baseUrl: searchParams.get("at"), flowToken: "29991", concurrency: 1 });
  /** All requests of one object share its client. */
  export class Poster {
    async fetch(request) {
      const url = new URL(request.url);
      this.client ??= new Client(options(url));
      return Response.json(await post(this.client, url));
    }
  }
  export default {
    async fetch(request, env) {
      const url = new URL(request.url);
      if (url.pathname === "/each") return Response.json(await post(new Client(options(url)), url));
      if (url.pathname === "/object") return env.POSTER.get(env.POSTER.idFromName("one")).fetch(request);
      if (request.method === "POST") {
        const { binding, count, threads, ...options } = await request.json();
        if (binding) options.fetch = (url, init) => env.INBOX.fetch(url, init);
        return Response.json(await storm(new Client(options), count, threads));
      }
      const client = new Client({ baseUrl: env.URL, flowToken: env.TOKEN });
      const result = await client.post(chatMessage({ content: "from the edge", external_thread_id: "edge" }));
      return Response.json({ result, report: validate({}) });
    },
  };
`;

let inbox;
let miniflare;

before(async () => {
  inbox = await startInbox();
  const { outputFiles, metafile } = await build({
    stdin: { contents: worker, resolveDir: fileURLToPath(new URL("../node/support", import.meta.url)) },
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    metafile: true,
    write: false,
  });
  assert.ok(Object.keys(metafile.inputs).some((path) => path.endsWith("workerd.js")), "the workerd entry is taken");
  miniflare = new Miniflare({
    compatibilityDate: "2026-01-01",
    bindings: { URL: inbox.url, TOKEN: inbox.flow_token },
    durableObjects: { POSTER: "Poster" },
    // A binding to another service: requests that have nothing but a body and a URL.
    serviceBindings: { INBOX: (request) => fetch(request.url, { method: "POST", body: request.body, duplex: "half" }) },
    modules: [
      { type: "ESModule", path: "worker.js", contents: outputFiles[0].text },
      {
        type: "CompiledWasm",
        path: "core.wasm",
        contents: readFileSync(new URL("../node_modules/flowdock-integration/core.wasm", import.meta.url)),
      },
    ],
  });
});

after(async () => {
  await miniflare?.dispose();
  await inbox?.stop();
});

test("a worker checks a message and posts it", async () => {
  const response = await miniflare.dispatchFetch("http://worker/");
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const { result, report } = JSON.parse(text);
  assert.equal(result.kind, "accepted");
  assert.equal(report.violations.length, 5);
  const [message] = await inbox.get("/messages");
  assert.deepEqual([message.content, message.uuid], ["from the edge", result.uuid]);
});

/** In a worker. */
async function storm(given) {
  const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(given) });
  return response.json();
}

storms("in a worker", { short: [300, 50], long: [10_000, 200], seeds: [5] }, (options, count, threads) =>
  storm({ ...options, concurrency: 6, count, threads }));

test("a service binding is a fetch", async () => {
  const own = await startInbox();
  try {
    const results = await storm({ baseUrl: own.url, flowToken: own.flow_token, binding: true, count: 10, threads: 2 });
    assert.equal(judge(results, 10, await stored(own)).delivered, 10);
  } finally {
    await own.stop();
  }
});

for (const [where, path, shared] of [["a client for each request", "/each", false], ["the one of a Durable Object", "/object", true]]) {
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
      const worker = await miniflare.ready;
      const post = (content, options) =>
        fetch(`${worker.origin}${path}?content=${content}&at=http://127.0.0.1:${server.address().port}`, options);
      const controller = new AbortController();
      const first = post("first", { signal: controller.signal });
      await once(server, "seen");
      const second = post("second");
      controller.abort();
      await assert.rejects(first, { name: "AbortError" });
      // Where the client is the same, the second waits for the first one's place.
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
