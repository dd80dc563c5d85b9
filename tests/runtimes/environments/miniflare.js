// miniflare, started as the examples start it.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { startWorker } from "../../../examples/support/worker.js";
import { post } from "../support/post.js";

export const group = "edge";
export const rows = [
  {
    name: "miniflare",
    note: "bundle as for workerd",
    async run(row, given) {
      const worker = await startWorker(pathToFileURL(row.path("fetch.js")));
      row.atEnd(() => worker.dispose());
      return post(await worker.ready, given);
    },
  },
];
