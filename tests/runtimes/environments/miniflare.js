// miniflare, started as the examples start it.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { startWorker } from "../../../examples/support/worker.js";
import { post } from "../support/post.js";

export const group = "edge";
export const rows = [
  {
    name: "miniflare",
    note: "bundle as for workerd",
    async run(row, given) {
      row.version = createRequire(import.meta.url)("miniflare/package.json").version;
      const worker = await startWorker(pathToFileURL(row.path("fetch.js")));
      row.atEnd(() => worker.dispose());
      return post(await worker.ready, given);
    },
  },
];
