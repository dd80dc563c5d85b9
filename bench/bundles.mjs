// Bundles each peer into one minified file, as an edge function or a page would load it, and measures the files.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { path } from "./files.mjs";

const FOLDER = path("target/bench/bundles");

const ENTRIES = {
  "JSON.stringify": "bench/peers/json-stringify.mjs",
  ours: "bench/peers/ours.mjs",
  "hand-written": "bench/peers/hand-written.mjs",
  "ajv standalone + xss": "bench/peers/ajv-standalone-xss.mjs",
  "ajv + xss": "bench/peers/ajv-xss.mjs",
  "zod + xss": "bench/peers/zod-xss.mjs",
  "valibot + xss": "bench/peers/valibot-xss.mjs",
  "zod + sanitize-html": "bench/peers/zod-sanitize-html.mjs",
};

/** Bundles the function `encode` of each peer, and returns `{ who, file, bytes, gzip, brotli }` for each. */
export async function bundle() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const bundles = [];
  for (const [who, entry] of Object.entries(ENTRIES)) {
    const file = join(FOLDER, `${who.replaceAll(/\W+/g, "-")}.mjs`);
    await build({ ...settings, stdin: source(entry), outfile: file });
    bundles.push({ who, file, ...sizes([file]) });
  }
  bundles.push({ who: "ours, the module as a file", ...sizes(await withModuleBeside()) });
  return bundles;
}

/** @type {import("esbuild").BuildOptions} */
const settings = { bundle: true, minify: true, format: "esm", platform: "browser", logLevel: "error" };

const source = (entry) => ({ contents: `export { encode } from "./${entry}";`, resolveDir: path("") });

/** Bundles the package as Cloudflare Workers load it, with the WebAssembly as a file. Returns the files. */
async function withModuleBeside() {
  const folder = join(FOLDER, "module");
  const { exports } = JSON.parse(readFileSync(path("target/pkg/package.json"), "utf8"));
  const entry = join("target/pkg", exports["."].workerd.default);
  await build({ ...settings, stdin: source(entry), outfile: join(folder, "index.mjs"), loader: { ".wasm": "file" } });
  return readdirSync(folder).map((name) => join(folder, name));
}

function sizes(files) {
  const sum = (of) => files.reduce((total, file) => total + of(file), 0);
  return {
    bytes: sum((file) => statSync(file).size),
    gzip: sum((file) => gzipSync(readFileSync(file), { level: 9 }).length),
    brotli: sum((file) => brotliCompressSync(readFileSync(file)).length),
  };
}
