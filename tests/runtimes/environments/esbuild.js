// esbuild: for a page as ESM and as a classic script, for Node in CommonJS, and for a function of AWS Lambda.

import { runInChromium } from "../support/chromium.js";

export const group = "bundler";
export const packages = { esbuild: "0.28.2" };

const bundle = async (row, entry, options) => {
  const { build } = await row.load("esbuild");
  await build({ entryPoints: [row.path(entry)], bundle: true, minify: true, ...options });
};

/** A handler is called with an event, as Lambda calls it. */
const lambda = (format, outfile) => async (row, given) => {
  await bundle(row, "lambda.js", { platform: "node", format, outfile: row.path(outfile) });
  const { handler } = await row.import(outfile);
  const { body } = await handler({ body: JSON.stringify(given) });
  return JSON.parse(body);
};

export const rows = [
  {
    name: "esbuild, ESM",
    async run(row, given) {
      await bundle(row, "page.js", { format: "esm", outfile: row.path("dist/main.js") });
      return runInChromium(row, given, { script: "/dist/main.js" });
    },
  },
  {
    name: "esbuild, IIFE",
    async run(row, given) {
      await bundle(row, "page.js", { format: "iife", outfile: row.path("dist/main.js") });
      return runInChromium(row, given, { script: "/dist/main.js", type: "text/javascript" });
    },
  },
  {
    name: "esbuild, CommonJS",
    async run(row, given) {
      await bundle(row, "print.cjs", { platform: "node", format: "cjs", outfile: row.path("dist/main.cjs") });
      return row.result(process.execPath, ["dist/main.cjs", JSON.stringify(given)]);
    },
  },
  { name: "esbuild, Lambda (ESM)", run: lambda("esm", "dist/lambda.mjs") },
  { name: "esbuild, Lambda (CommonJS)", run: lambda("cjs", "dist/lambda.cjs") },
];
