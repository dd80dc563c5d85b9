// Compares the sizes of the built package with their budgets. Run it in the repository, with the package's folder and the file of the module
// that only checks and encodes as arguments. All sizes are compressed with brotli. A size above its budget ends the script with an error.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { buildSync } from "esbuild";

const [folder, alone] = process.argv.slice(2);
const KB = 1024;

/** The exports for an integration's own service, which use the second module. */
const SERVICE = [
  "OAuth",
  "FlowdockApi",
  "readSetupUri",
  "readConfigurationUri",
  "verifyAction",
  "authenticationChallenge",
];
/** The exports that need no rules and so import no module, with the budget of each in KB. */
const WITHOUT_MODULE = [
  { names: ["escapeHtml"], budget: 1 },
  { names: ["readSetupUri", "readConfigurationUri"], budget: 1 },
  { names: ["authenticationChallenge"], budget: 1.5 },
  { names: ["FlowdockError", "messageSchema"], budget: 3 },
];
/** The exports for other programs: data, and what a queue stores. */
const FOR_OTHERS = ["messageSchema", "prepare"];
/** The exports for building, checking and posting: all others. */
const POSTING = Object.keys(await import(pathToFileURL(join(folder, "index.js")).href)).filter(
  (name) => !FOR_OTHERS.includes(name) && !SERVICE.includes(name),
);

/** The sizes in KB. No change may exceed `budget`; `goal` is the size that was planned. */
const BUDGETS = [
  { what: "build, check and post, the module as a file", bytes: withFiles(POSTING), budget: 48.8, goal: 41 },
  { what: "the same, inlined", bytes: size(bundle(POSTING, "index.js")), budget: 51.5, goal: 43 },
  { what: "setup and actions, the module as a file", bytes: withFiles(SERVICE), budget: 26.2 },
  { what: "all of it, inlined", bytes: size(bundle("*", "index.js")), budget: 69.5 },
  {
    what: "validate and encode alone, as two files",
    bytes: size(bundle(["validate", "encode"], "workerd.js")) + size(readFileSync(alone)),
    budget: 27.3,
    goal: 14,
  },
  { what: "the outbox, beside the package", bytes: size(bundle(["Outbox"], "outbox.js")), budget: 2 },
  { what: "its store in SQLite", bytes: size(bundle(["sqlOutbox"], "outbox-sql.js")), budget: 1.3 },
  { what: "the outbox with its store in IndexedDB", bytes: inBrowser(["idbOutbox"]), budget: 2.8, goal: 2 },
  { what: "the same, with what wakes it", bytes: inBrowser(["idbOutbox", "wake"]), budget: 3.15 },
  ...WITHOUT_MODULE.map(({ names, budget }) => ({
    what: `${names.join(" and ")}, with no module`,
    bytes: size(bundle(names, "index.js")),
    budget,
  })),
];

/**
 * Returns the size of a bundle together with the WebAssembly files that it imports.
 *
 * @param {string[]} names
 */
function withFiles(names) {
  const script = bundle(names, "workerd.js");
  const files = Array.from(script.matchAll(/"([^"]+\.wasm)"/g), ([, file]) => readFileSync(join(folder, file)));
  return [script, ...files].reduce((sum, file) => sum + size(file), 0);
}

/**
 * Returns the size of the outbox together with these exports for browsers.
 *
 * @param {string[]} names
 */
function inBrowser(names) {
  const exported = `export { Outbox } from "./outbox.js"; export { ${names} } from "./outbox-idb.js";`;
  return size(bundled(exported, ["./index.js"]));
}

/**
 * Bundles exports of the package as an application would.
 *
 * @param {string[] | "*"} names The exports to import.
 * @param {string} entry The file of the package that exports them.
 */
function bundle(names, entry) {
  // What the application has anyway: the outbox imports the package that is beside it.
  const external = entry === "outbox.js" ? ["./index.js"] : [];
  return bundled(`export ${names === "*" ? names : `{ ${names} }`} from "./${entry}";`, external);
}

/**
 * @param {string} contents A script beside the files of the package.
 * @param {string[]} external The files that it may import when it runs.
 */
function bundled(contents, external) {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    external: ["*.wasm", ...external],
  });
  return outputFiles[0].text;
}

/** @param {string | Buffer} file */
function size(file) {
  return brotliCompressSync(file).length;
}

let exceeded = false;
for (const { what, bytes, budget, goal } of BUDGETS) {
  const wanted = goal === undefined ? "" : `, goal ${goal}`;
  console.log(`    ${(bytes / KB).toFixed(2)} KB ${what} (budget ${budget}${wanted})`);
  if (bytes > budget * KB) exceeded = true;
}
if (exceeded) {
  console.error("a budget is exceeded: make it smaller, or say in the commit why it is worth its size");
  process.exit(1);
}
