// Bundles the entry files of the package. `cargo xtask build` runs this script in the repository, with the folder of the sources and the
// folder of the package as arguments. Each entry is one file with all sources; the entries differ in how they load the WebAssembly. The
// command is one more file, which imports the package as a user does.

import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const [sources, folder] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));

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

/**
 * Leaves the imports of the WebAssembly to whoever bundles the application, who compiles the files when the application is deployed: some
 * runtimes compile no bytes. The small files that import the WebAssembly are files of the package too, so that a bundler can drop one.
 *
 * @param {string} prefix The beginning of the names of those files.
 * @returns {import("esbuild").Plugin}
 */
const asFiles = (prefix) => ({
  name: "as files",
  setup({ onResolve }) {
    onResolve({ filter: /\/(core|service)-module\.js$/ }, ({ path }) => {
      const name = path.replace("./", prefix);
      copyFileSync(resolve(sources, "src/wasm", name), resolve(folder, name));
      return { path: `./${name}`, external: true };
    });
  },
});

/**
 * Takes the WebAssembly that the application gives to `init`.
 *
 * @type {import("esbuild").Plugin}
 */
const given = {
  name: "given",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(core|service)-module\.js$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace("./", "slim-")),
    }));
  },
};

/**
 * Lets an entry import another one beside it, so that a program has the code and the WebAssembly of the package once.
 *
 * @param {string} entry
 * @returns {import("esbuild").Plugin}
 */
const beside = (entry) => ({
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /^flowdock-integration$/ }, () => ({ path: `./${entry}`, external: true }));
  },
});

const [whole, slim, outbox, command] = ["src/api.js", "src/slim.js", "src/outbox/core.js", "src/cli/main.js"];
/** The entries that know their database and nothing of the rest. Each is an ES module and a CommonJS module. */
const stores = ["sql", "postgres", "idb"];
/** @type {{ from: string, to: string, plugin?: import("esbuild").Plugin, format?: "cjs", workerd?: true, platform?: "node" }[]} */
const entries = [
  { from: whole, to: "index.js", plugin: inlined },
  { from: whole, to: "index.cjs", plugin: inlined, format: "cjs" },
  { from: whole, to: "workerd.js", plugin: asFiles(""), workerd: true },
  { from: whole, to: "edge-light.js", plugin: asFiles("edge-light-") },
  { from: slim, to: "slim.js", plugin: given },
  { from: slim, to: "slim-workerd.js", plugin: given, workerd: true },
  { from: outbox, to: "outbox.js", plugin: beside("index.js") },
  { from: outbox, to: "outbox.cjs", plugin: beside("index.cjs"), format: "cjs" },
  { from: outbox, to: "outbox-workerd.js", plugin: beside("workerd.js") },
  { from: outbox, to: "outbox-edge-light.js", plugin: beside("edge-light.js") },
  { from: outbox, to: "slim-outbox.js", plugin: beside("slim.js") },
  { from: outbox, to: "slim-outbox-workerd.js", plugin: beside("slim-workerd.js") },
  ...stores.flatMap((name) => [
    { from: `src/outbox/${name}.js`, to: `outbox-${name}.js` },
    { from: `src/outbox/${name}.js`, to: `outbox-${name}.cjs`, format: /** @type {const} */ ("cjs") },
  ]),
  { from: command, to: "cli.js", plugin: beside("index.js"), platform: "node" },
];

for (const { from, to, plugin, format = "esm", workerd = false, platform } of entries) {
  await build({
    absWorkingDir: resolve(sources),
    entryPoints: [from],
    outfile: resolve(folder, to),
    plugins: plugin ? [plugin] : [],
    format,
    platform,
    define: { WORKERD: String(workerd), VERSION: JSON.stringify(version) },
    bundle: true,
    // Leaves out what `WORKERD` switches off.
    treeShaking: true,
    target: "es2022",
    logLevel: "warning",
  });
}
// npm makes an installed command executable. In the repository it can be called as it is.
chmodSync(resolve(folder, "cli.js"), 0o755);
