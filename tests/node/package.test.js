// The files of the tarball, and the ways to load them.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as imported from "flowdock-integration";

const require = createRequire(import.meta.url);
const folder = new URL("../../node_modules/flowdock-integration/", import.meta.url);

const MODULES = ["core", "service"];
const wasm = Object.fromEntries(MODULES.map((name) => [name, readFileSync(new URL(`${name}.wasm`, folder))]));

const names = [
  "Client",
  "FlowdockApi",
  "FlowdockError",
  "OAuth",
  "activity",
  "authenticationChallenge",
  "chatMessage",
  "checkBody",
  "checkTitle",
  "discussion",
  "encode",
  "escapeHtml",
  "html",
  "messageSchema",
  "prepare",
  "readConfigurationUri",
  "readSetupUri",
  "sanitizeBody",
  "sanitizeTitle",
  "thread",
  "validate",
  "validateJson",
  "verifyAction",
];

test("import and require give exactly the documented names", () => {
  assert.deepEqual(Object.keys(imported).sort(), names);
  assert.deepEqual(Object.keys(require("flowdock-integration")).sort(), names);
});

test("if require can load ES modules, it gets the same instance as import", () => {
  const same = require("flowdock-integration").FlowdockError === imported.FlowdockError;
  assert.equal(same, Boolean(process.features.require_module));
});

/** The conditions of the runtimes, and the file of the package that each must load. */
const conditions = [
  [["workerd", "worker", "browser"], "workerd.js"],
  [["edge-light", "import"], "edge-light.js"],
  [["edge-light", "require"], "index.cjs"],
  [["node", "import", "module-sync"], "index.js"],
  [["node", "require", "module-sync"], "index.js"],
  [["node", "import"], "index.js"],
  [["node", "require"], "index.cjs"],
  [["browser", "import"], "index.js"],
  [[], "index.js"],
];

/** Returns the file that an entry of the manifest names under these conditions. */
function resolved(target, given) {
  if (typeof target === "string") return target;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== "default" && !given.includes(condition)) continue;
    const found = resolved(inner, given);
    if (found) return found;
  }
  return undefined;
}

/** The files of the package that a file of it loads, each once. */
function loads(file) {
  const script = readFileSync(new URL(file, folder), "utf8");
  return [...new Set(Array.from(script.matchAll(/(?:from |require\()"(\.[^"]+)"/g), ([, name]) => name))];
}

test("the outbox shares the copy of the package that its condition has", () => {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  for (const [given, file] of conditions) {
    assert.equal(resolved(exports["."], given), `./${file}`, `${given}`);
    assert.deepEqual(loads(resolved(exports["./outbox"], given)), [`./${file}`], `${given}`);
    const slim = resolved(exports["./slim"], `${given}`);
    assert.deepEqual(loads(resolved(exports["./slim/outbox"], given)), [slim], `${given}`);
  }
});

test("a store loads nothing of the package, and is there for import and for require", () => {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  for (const [given, file] of conditions) {
    for (const name of ["postgres", "sql", "idb"]) {
      const store = resolved(exports[`./outbox/${name}`], given);
      assert.deepEqual([store.endsWith(".cjs"), loads(store)], [file === "index.cjs", []], `${given}`);
    }
  }
});

test("the outbox works in CommonJS and with `slim`", () => {
  const sent = "fetch: async () => ({ status: 202, text: () => '{}' })";
  const use = `
    const store = sqlOutbox(new BetterSqlite3(":memory:"));
    const client = () => new Client({ baseUrl: "https://a.example", flowToken: "t", ${sent} });
    const outbox = new Outbox({ store, client });
    const run = () => outbox.post("a", { event: "message", content: "x" }).then(() => outbox.drain()).then(async () => console.log(await outbox.count()));
  `;
  const required = `
    const { Client } = require("flowdock-integration");
    const { Outbox } = require("flowdock-integration/outbox");
    const { sqlOutbox } = require("flowdock-integration/outbox/sql");
    const BetterSqlite3 = require("better-sqlite3");
    ${use} run();`;
  const slim = `
    import { readFileSync } from "node:fs";
    import { Client, init } from "flowdock-integration/slim";
    import { Outbox } from "flowdock-integration/slim/outbox";
    import { sqlOutbox } from "flowdock-integration/outbox/sql";
    import BetterSqlite3 from "better-sqlite3";
    init(readFileSync(new URL(import.meta.resolve("flowdock-integration/core.wasm"))));
    ${use} await run();`;
  for (const [type, program] of [
    ["commonjs", required],
    ["module", slim],
  ]) {
    const options = { cwd: new URL("..", import.meta.url), encoding: /** @type {const} */ ("utf8") };
    assert.equal(execFileSync(process.execPath, [`--input-type=${type}`, "--eval", program], options), "0\n", type);
  }
});

test("the CommonJS file works without other files", () => {
  const script = `
    const { validate, FlowdockError, encode } = require(${JSON.stringify(new URL("index.cjs", folder).pathname)});
    if (validate({}).violations.length !== 5) throw new Error("no report");
    try { encode({}); } catch (error) { if (error instanceof FlowdockError) console.log(error.code); }
  `;
  assert.equal(execFileSync(process.execPath, ["--eval", script], { encoding: "utf8" }).trim(), "invalid_message");
});

test("the inlined modules equal the .wasm files, however the runtime decodes them", async () => {
  const {
    Buffer,
    WebAssembly: { Module },
  } = globalThis;
  const { fromHex } = Uint8Array;
  /** @type {any[][]} */
  const ways = [
    [fromHex, Buffer],
    [(text) => Buffer.from(text, "hex"), undefined],
    [undefined, Buffer],
    [undefined, undefined],
    [undefined, {}],
  ];
  const decoded = [];
  globalThis.WebAssembly.Module = class extends Module {
    constructor(bytes) {
      super(bytes);
      decoded.push(bytes);
    }
  };
  for (const [index, way] of ways.entries()) {
    // A fresh copy of the package, which has not compiled its modules yet.
    const { FlowdockApi, validate } = await import(new URL(`index.js?${index}`, folder).href);
    [Uint8Array.fromHex, globalThis.Buffer] = way;
    validate({});
    new FlowdockApi({ baseUrl: "https://a.example" });
  }
  globalThis.WebAssembly.Module = Module;
  globalThis.Buffer = Buffer;
  if (fromHex) Uint8Array.fromHex = fromHex;
  else delete Uint8Array.fromHex;
  assert.equal(decoded.length, 2 * ways.length);
  for (const [index, bytes] of decoded.entries()) assert.ok(wasm[MODULES[index % 2]].equals(bytes), `${index}`);
});

test("importing needs no flag, prints nothing, compiles nothing and leaves nothing running", () => {
  const script = `WebAssembly.Module = undefined; await import("flowdock-integration");`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
});

test("the tarball contains exactly the files that are needed", () => {
  assert.deepEqual(readdirSync(folder).sort(), [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "cli.js",
    "core-module.js",
    "core.wasm",
    "docs",
    "edge-light-core-module.js",
    "edge-light-service-module.js",
    "edge-light.js",
    "index.cjs",
    "index.d.cts",
    "index.d.ts",
    "index.js",
    "outbox-edge-light.js",
    "outbox-idb.cjs",
    "outbox-idb.d.cts",
    "outbox-idb.d.ts",
    "outbox-idb.js",
    "outbox-postgres.cjs",
    "outbox-postgres.d.cts",
    "outbox-postgres.d.ts",
    "outbox-postgres.js",
    "outbox-sql.cjs",
    "outbox-sql.d.cts",
    "outbox-sql.d.ts",
    "outbox-sql.js",
    "outbox-workerd.js",
    "outbox.cjs",
    "outbox.d.cts",
    "outbox.d.ts",
    "outbox.js",
    "package.json",
    "schema.json",
    "service-module.js",
    "service.wasm",
    "slim-outbox-workerd.js",
    "slim-outbox.js",
    "slim-workerd.js",
    "slim.d.ts",
    "slim.js",
    "workerd.js",
  ]);
});

test("the package installs nothing else, and npm runs none of its scripts", () => {
  const manifest = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  const keys = Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key));
  assert.deepEqual(keys, []);
});

for (const name of MODULES) {
  test(`${name}.wasm imports nothing, and can panic only when its memory is exhausted`, () => {
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(wasm[name])), []);
    const sentences = wasm[name]
      .toString("latin1")
      .match(/attempt to \w+|mid > len|out of (?:range|bounds)|called `\w+|capacity overflow/g);
    assert.deepEqual(sentences, ["capacity overflow"]);
  });
}

test("schema.json and `messageSchema` are equal", () => {
  const schema = JSON.parse(readFileSync(require.resolve("flowdock-integration/schema.json"), "utf8"));
  assert.deepEqual(imported.messageSchema, schema);
});

test("every link of the package's documents leads to a file of the package, and to a heading in it", () => {
  const documents = readdirSync(new URL("docs/", folder)).map((name) => `docs/${name}`);
  assert.ok(documents.includes("docs/rules.md"));
  const read = (/** @type {URL} */ url) => readFileSync(url, "utf8");
  const anchor = (/** @type {string} */ heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-");
  for (const name of ["README.md", ...documents]) {
    const document = new URL(name, folder);
    const prose = read(document).replaceAll(/^```.*?^```/gms, "");
    for (const [, link] of prose.matchAll(/\]\(([^)]*)\)/g)) {
      if (link.startsWith("https://")) continue;
      const target = new URL(link, document);
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
      if (target.hash !== "") assert.ok(headings.includes(target.hash.slice(1)), `${name}: ${link}`);
    }
  }
});
