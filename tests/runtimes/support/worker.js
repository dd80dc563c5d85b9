// Starts a worker that imports the installed package, in workerd.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/**
 * @param {string} contents The worker's module; what it imports beside the package stands in `tests/node/support`.
 * @param {object} [options] Of Miniflare: bindings and the like.
 */
export async function startWorker(contents, options) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("../../node/support", import.meta.url)) },
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    metafile: true,
    write: false,
  });
  assert.ok(Object.keys(metafile.inputs).some((path) => path.endsWith("workerd.js")), "the workerd entry is taken");
  const module = new URL("../../node_modules/flowdock-integration/core.wasm", import.meta.url);
  return new Miniflare({
    compatibilityDate: "2026-01-01",
    ...options,
    modules: [
      { type: "ESModule", path: "worker.js", contents: outputFiles[0].text },
      { type: "CompiledWasm", path: "core.wasm", contents: readFileSync(module) },
    ],
  });
}
