// The steps of `cargo xtask build` that npm packages do: run in the repository with the package's folder as argument.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const [folder] = process.argv.slice(2);

// The module as text in a module, for the runtimes that find no files.
writeFileSync(
  join(folder, "core.inline.js"),
  `// Written by cargo xtask build: core.wasm as base64.

const text =
  "${readFileSync(join(folder, "core.wasm")).toString("base64")}";

// By the fastest way that the runtime has: the last one is most of a cold start.
export function bytes() {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  // Not as a global name, for which a bundler would put a Buffer of its own into a page.
  if (globalThis.Buffer) return globalThis.Buffer.from(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
`,
);

// The JSON Schema as a module, which no runtime needs a flag for.
writeFileSync(
  join(folder, "schema.js"),
  `// Written by cargo xtask build: schema.json.

export const messageSchema = ${readFileSync(join(folder, "schema.json"), "utf8").trimEnd()};
`,
);

// The entry for require, in one file.
buildSync({
  entryPoints: [join(folder, "index.js")],
  outfile: join(folder, "index.cjs"),
  bundle: true,
  format: "cjs",
  target: "node20",
  logLevel: "warning",
});
