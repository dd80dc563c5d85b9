// The package in workerd, the runtime of Cloudflare Workers, which compiles no WebAssembly at run time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
  export default {
    async fetch(request, env) {
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
