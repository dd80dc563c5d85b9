// Rspack, for a page.

import { promisify } from "node:util";
import { runInChromium } from "../support/chromium.js";

export const group = "bundler";
export const packages = { "@rspack/core": "2.3.4" };
export const rows = [
  {
    name: "Rspack",
    async run(row, given) {
      const { rspack } = await row.load("@rspack/core");
      const output = { path: row.path("dist") };
      const stats = await promisify(rspack)({ mode: "production", context: row.folder, entry: "./page.js", output });
      if (stats.hasErrors()) throw new Error(stats.toString());
      return runInChromium(row, given, { script: "/dist/main.js", type: "text/javascript" });
    },
  },
];
