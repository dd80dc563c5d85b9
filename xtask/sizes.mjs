// Holds the sizes of the built package against their budgets: run in the repository, with the package's folder and that of
// the module that only checks and encodes. All are brotli; what is above its budget ends this with an error.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { buildSync } from "esbuild";

const [folder, alone] = process.argv.slice(2);
const KB = 1024;

/** In KB: `budget` is what no change may exceed, `goal` what is wanted in the end. */
const BUDGETS = [
  { what: "all functions, the module as a file", bytes: glue(functions()) + module(folder), budget: 46, goal: 32 },
  { what: "all of it, inlined", bytes: bundle("*", "index.js"), budget: 58.5, goal: 43 },
  { what: "validate and encode alone, as two files", bytes: glue("{ validate, encode }") + module(alone), budget: 22, goal: 14 },
];

/** Everything but the JSON Schema, which is data for other programs. */
function functions() {
  const entry = readFileSync(join(folder, "api.js"), "utf8");
  const exported = [...entry.matchAll(/^export (?:const (\w+)|\{ ([\w, ]+) \})/gm)];
  const names = exported.flatMap(([, one, others]) => one ?? others.split(", "));
  return `{ ${names.filter((name) => name !== "messageSchema").join(", ")} }`;
}

function module(of) {
  return brotliCompressSync(readFileSync(join(of, "core.wasm"))).length;
}

function glue(names) {
  return bundle(names, "workerd.js");
}

function bundle(names, entry) {
  const { outputFiles } = buildSync({
    stdin: { contents: `export ${names} from "./${entry}";`, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    external: ["*.wasm"],
  });
  return brotliCompressSync(outputFiles[0].contents).length;
}

let exceeded = false;
for (const { what, bytes, budget, goal = budget } of BUDGETS) {
  const size = (bytes / KB).toFixed(2);
  console.log(`    ${size} KB ${what} (budget ${budget}, goal ${goal})`);
  if (bytes > budget * KB) exceeded = true;
}
if (exceeded) {
  console.error("a budget is exceeded: make it smaller, or say in the commit why it is worth its size");
  process.exit(1);
}
