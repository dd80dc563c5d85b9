// The entries of the package: run by `cargo xtask build` in the repository, with the folder of the sources and that of the
// package as arguments. They are the same sources in one file each, and differ in where the WebAssembly comes from.

import { copyFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const [sources, folder] = process.argv.slice(2);

/** What workerd imports, which compiles no bytes at run time but gives a module for the file. */
const MODULES = ["core-module.js", "service-module.js"];

/**
 * Modules as text in the script: there is no file to find and nothing to wait for.
 *
 * @type {import("esbuild").Plugin}
 */
const inlined = {
  name: "inlined",
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({ contents: readFileSync(path, "hex"), loader: "text" }));
  },
};

/** @type {(import("esbuild").BuildOptions & { outfile: string })[]} */
const entries = [
  { outfile: "index.js", format: "esm", plugins: [inlined] },
  { outfile: "index.cjs", format: "cjs", plugins: [inlined] },
  { outfile: "workerd.js", format: "esm", external: MODULES.map((name) => `./${name}`) },
];

for (const { outfile, ...settings } of entries) {
  await build({
    ...settings,
    absWorkingDir: resolve(sources),
    entryPoints: ["src/api.js"],
    outfile: resolve(folder, outfile),
    bundle: true,
    target: "es2022",
    logLevel: "warning",
  });
}
for (const name of MODULES) copyFileSync(resolve(sources, "src/wasm", name), resolve(folder, name));
