// @edge-runtime/vm, the runtime in which Vercel runs edge functions on a developer's machine. On a developer's machine it generates code
// from strings and compiles WebAssembly. Deployed, it does neither.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";

export const group = "edge";
export const packages = { "@edge-runtime/vm": "5.0.0" };

/** Makes `./core.wasm?module` a WebAssembly.Module, as Vercel's bundlers do. The module is compiled outside the VM. */
const moduleImports = (compiled) => ({
  name: "wasm-module",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /\.wasm\?module$/ }, async ({ path, ...from }) => {
      const file = await resolve(path.replace("?module", ""), from);
      return { path: file.path, namespace: "wasm-module" };
    });
    onLoad({ filter: /./, namespace: "wasm-module" }, async ({ path }) => {
      const name = basename(path);
      compiled[name] = await WebAssembly.compile(await readFile(path));
      return { contents: `export default globalThis.compiled[${JSON.stringify(name)}]` };
    });
  },
});

const row = (name, note, conditions, codeGeneration) => ({
  name,
  note,
  async run(row, given) {
    const compiled = {};
    const { outputFiles } = await build({
      entryPoints: [row.path("page.js")],
      bundle: true,
      format: "iife",
      conditions,
      plugins: [moduleImports(compiled)],
      write: false,
    });
    const { EdgeVM } = await row.load("@edge-runtime/vm");
    const vm = new EdgeVM({ codeGeneration, extend: (context) => Object.assign(context, { compiled }) });
    vm.evaluate(outputFiles[0].text);
    return JSON.parse(await vm.evaluate(`run(${JSON.stringify(given)}).then(JSON.stringify)`));
  },
});

export const rows = [
  row("`@edge-runtime/vm`, code generation off", "the condition `edge-light`, which Vercel sets", ["edge-light"], {
    strings: false,
    wasm: false,
  }),
  row("`@edge-runtime/vm`, code generation on", "", [], { strings: true, wasm: true }),
];
