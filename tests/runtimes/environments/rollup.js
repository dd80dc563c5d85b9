// Rollup, with the plugin that finds packages.

import { runInChromium } from "../support/chromium.js";

export const group = "bundler";
export const packages = { rollup: "4.68.8", "@rollup/plugin-node-resolve": "16.0.3" };
export const rows = [
  {
    name: "Rollup",
    async run(row, given) {
      const { rollup } = await row.load("rollup");
      const { nodeResolve } = await row.load("@rollup/plugin-node-resolve");
      const bundle = await rollup({ input: row.path("page.js"), plugins: [nodeResolve({ browser: true })] });
      await bundle.write({ file: row.path("dist/main.js"), format: "es" });
      return runInChromium(row, given, { script: "/dist/main.js" });
    },
  },
];
