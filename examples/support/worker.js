// Runs a worker on this machine as Cloudflare does: bundled, in workerd. The examples' start.js and their tests use it.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/**
 * Bundles and starts a worker.
 *
 * @param {URL} entry The worker's module.
 * @param {Omit<import("miniflare").WorkerOptions & import("miniflare").SharedOptions, "script" | "scriptPath" | "modules">} [options] Miniflare's options, such as `bindings` for the worker's variables, and `port`. The default is any free port.
 * @returns {Promise<Miniflare>} The running worker. `await worker.ready` gives its URL.
 */
export async function startWorker(entry, options) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: "esm",
    // The conditions that wrangler uses. `workerd` selects the entry of the package that imports the WebAssembly file.
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
    // Miniflare takes the first module as the worker's entry.
    modules: [...modules("ESModule", ".js"), ...modules("CompiledWasm", ".wasm")],
  });
  await worker.ready;
  return worker;
}
