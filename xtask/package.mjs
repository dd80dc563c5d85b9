// Bundles the entry files of the package. `cargo xtask build` runs this script in the repository, with the folder of the sources and the
// folder of the package as arguments. Each entry is one file with all sources; the entries differ in how they load the WebAssembly.

import { copyFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const [sources, folder] = process.argv.slice(2);

/** The files that workerd.js imports. workerd compiles no bytes at run time; it compiles an imported `.wasm` file when it deploys. */
const MODULES = ["core-module.js", "service-module.js"];

/**
 * Puts the WebAssembly modules into the script as text, so that there is no file to find and nothing to wait for.
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
