// The blocks `js bundle` and `jsx bundle` of the guides: files for a bundler or a runtime.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * The files in a document. Each names itself in its first line.
 *
 * @param {string} text
 */
export function files(text) {
  const blocks = text.matchAll(/^```(jsx?) bundle(?:=(\S+))?\n(.*?)^```/gms);
  return [...blocks].map(([, loader, condition, code]) => {
    const [, name] = /^\/\/ (\S+)\n/.exec(code) ?? [];
    assert.ok(name, `a file begins with its name in a comment: ${code}`);
    return { name, code, loader, condition };
  });
}

/**
 * Bundles a file with the package, but with none of its other imports.
 *
 * @param {string} code
 * @param {{ loader: any, condition?: string, env?: Record<string, string> }} how `env` becomes Vite's `import.meta.env`.
 * @returns {Promise<string>} The bundle.
 */
export async function bundled(code, { loader, condition, env }) {
  const result = await build({
    stdin: { contents: code, loader, resolveDir: fileURLToPath(new URL("../", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    jsx: "automatic",
    logLevel: "silent",
    conditions: ["module", ...(condition === undefined ? [] : [condition])],
    loader: { ".wasm": "copy" },
    outdir: "bundle",
    define: env && { "import.meta.env": JSON.stringify(env) },
    plugins: [
      {
        name: "others",
        setup({ onResolve }) {
          onResolve({ filter: /./ }, ({ path, kind, importer }) => {
            const isOurs = path.startsWith("flowdock-integration") || importer.includes("flowdock-integration");
            return kind === "entry-point" || isOurs ? undefined : { path, external: true };
          });
        },
      },
    ],
  });
  assert.deepEqual(result.warnings, []);
  const script = result.outputFiles.find(({ path }) => path.endsWith(".js"));
  return script?.text ?? assert.fail("no bundle");
}
