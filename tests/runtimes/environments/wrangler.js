// wrangler: a worker that runs on this machine, and what would be uploaded.

import { deepStrictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { post } from "../support/post.js";

export const group = "edge";
export const packages = { wrangler: "4.86.0" };

const env = { WRANGLER_SEND_METRICS: "false", CI: "true", WRANGLER_LOG_PATH: "logs" };

const configuration = (main) => JSON.stringify({ name: "worker", main, compatibility_date: "2026-01-01" });

export const rows = [
  {
    name: "wrangler, `dev`",
    async run(row, given) {
      await row.write("wrangler.json", configuration("fetch.js"));
      const args = [row.bin("wrangler"), "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
      const [, url] = await row.start(process.execPath, args, /Ready on (http:\S+)/, { env });
      return post(url, given);
    },
  },
  {
    name: "wrangler, `deploy --dry-run`",
    note: "uploads both WebAssembly files; with `slim` only those that you import",
    async run(row, given) {
      // A worker that only checks messages. The other one runs the whole program.
      await row.write(
        "check.js",
        `import core from "flowdock-integration/core.wasm";
        import { init, validate } from "flowdock-integration/slim";
        init(core);
        export default { fetch: async (request) => Response.json(validate(await request.json())) };`,
      );
      const uploaded = async (main) => {
        await row.write("wrangler.json", configuration(main));
        const args = [row.bin("wrangler"), "deploy", "--dry-run", "--outdir", `dist-${main}`];
        await row.output(process.execPath, args, { env });
        const names = await readdir(row.path(`dist-${main}`));
        return names.filter((name) => name.endsWith(".wasm")).map((name) => name.replace(/^[0-9a-f]+-/, ""));
      };
      deepStrictEqual(await uploaded("check.js"), ["core.wasm"]);
      deepStrictEqual((await uploaded("fetch.js")).sort(), ["core.wasm", "service.wasm"]);
      // What would be uploaded runs, without another bundling.
      await row.write("wrangler.json", configuration("dist-fetch.js/fetch.js"));
      const args = [
        row.bin("wrangler"),
        "dev",
        "--no-bundle",
        "--ip",
        "127.0.0.1",
        "--port",
        "0",
        "--inspector-port",
        "0",
      ];
      const [, url] = await row.start(process.execPath, args, /Ready on (http:\S+)/, { env });
      return post(url, given);
    },
  },
];
