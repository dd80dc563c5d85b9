// webpack 5, for a page.

import { promisify } from "node:util";
import { runInChromium } from "../support/chromium.js";

export const group = "bundler";
export const packages = { webpack: "5.113.0" };
export const rows = ["production", "development"].map((mode) => ({
  name: `webpack, ${mode}`,
  async run(row, given) {
    const { default: webpack } = await row.load("webpack");
    const stats = await promisify(webpack)({
      mode,
      context: row.folder,
      entry: "./page.js",
      output: { path: row.path("dist") },
    });
    if (stats.hasErrors()) throw new Error(stats.toString());
    return runInChromium(row, given, { script: "/dist/main.js", type: "text/javascript" });
  },
}));
