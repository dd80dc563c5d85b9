// Runs a worker on this machine as Cloudflare does: bundled, in workerd. What the examples' start.js and tests have in common.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/**
 * @param {URL} entry The worker's module.
 * @param {Omit<import("miniflare").WorkerOptions & import("miniflare").SharedOptions, "script" | "scriptPath" | "modules">} [options] Miniflare's, such as `bindings` for the worker's variables and `port`; any free one is taken else.
 * @returns {Promise<Miniflare>} Once it answers: `await worker.ready` is its URL.
 */
export async function startWorker(entry, options) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: "esm",
    // Those of wrangler. The first brings the package's entry that imports the WebAssembly file.
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    loader: { ".wasm": "copy" },
    outdir: ".",
    write: false,
  });
  /**
   * @param {import("miniflare").ModuleDefinition["type"]} type
   * @param {string} end
   */
  const modules = (type, end) => {
    const files = outputFiles.filter(({ path }) => path.endsWith(end));
    return files.map(({ path, contents }) => ({ type, path: basename(path), contents }));
  };
  const worker = new Miniflare({
    compatibilityDate: "2026-01-01",
    host: "127.0.0.1",
    ...options,
    // The first one is the worker.
    modules: [...modules("ESModule", ".js"), ...modules("CompiledWasm", ".wasm")],
  });
  await worker.ready;
  return worker;
}
