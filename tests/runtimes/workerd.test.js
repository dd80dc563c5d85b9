// The package in workerd, the runtime of Cloudflare Workers, which compiles no WebAssembly at run time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startFaultProxy } from "../node/support/fault-proxy.js";
import { startInbox } from "../node/support/inbox.js";
import { judge, stored } from "../node/support/judge.js";

const [COUNT, THREADS] = process.env.FLOWDOCK_LONG ? [10_000, 200] : [300, 50];

const worker = `
  import { chatMessage, Client, validate } from "flowdock-integration";
  import { options, storm } from "./storm.js";
  export default {
    async fetch(request, env) {
      if (request.method === "POST") {
        const { baseUrl, flowToken, binding, count, threads } = await request.json();
        const fetch = binding ? { fetch: (url, init) => env.INBOX.fetch(url, init) } : {};
        return Response.json(await storm(new Client({ baseUrl, flowToken, ...fetch, ...options }), count, threads));
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

for (const rate of [0.2, 0.5]) {
  test(`a storm of ${COUNT} messages in a worker, faults ${rate * 100} %`, async (t) => {
    const own = await startInbox();
    const proxy = await startFaultProxy(own.url, { seed: 5, rate });
    try {
      const results = await storm({ baseUrl: proxy.url, flowToken: own.flow_token, count: COUNT, threads: THREADS });
      const row = judge(results, COUNT, await stored(own));
      assert.equal(proxy.seen.elsewhere, 0);
      assert.ok(row.delivered > COUNT * 0.9 && row.duplicates > 0);
      t.diagnostic(JSON.stringify(row));
    } finally {
      await Promise.all([own.stop(), proxy.stop()]);
    }
  });
}

test("a service binding is a fetch", async () => {
  const own = await startInbox();
  try {
    const results = await storm({ baseUrl: own.url, flowToken: own.flow_token, binding: true, count: 10, threads: 2 });
    assert.equal(judge(results, 10, await stored(own)).delivered, 10);
  } finally {
    await own.stop();
  }
});
