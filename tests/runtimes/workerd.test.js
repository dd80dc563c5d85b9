// The package in workerd, the runtime of Cloudflare Workers, which compiles no WebAssembly at run time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startInbox } from "../node/support/inbox.js";

const worker = `
  import { chatMessage, Client, validate } from "flowdock-integration";
  export default {
    async fetch(request, env) {
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
    stdin: { contents: worker, resolveDir: import.meta.dirname },
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
