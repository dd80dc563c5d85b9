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
    "package.json",
    "schema.json",
    "service-module.js",
    "service.wasm",
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
