// What is in the tarball, and how it is loaded.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as imported from "flowdock-integration";

const require = createRequire(import.meta.url);
const folder = new URL("../../node_modules/flowdock-integration/", import.meta.url);

const names = [
  "Client", "FlowdockApi", "FlowdockError", "OAuth", "activity", "authenticationChallenge", "chatMessage", "checkBody", "checkTitle",
  "discussion", "encode", "escapeHtml", "html", "messageSchema", "readConfigurationUri", "readSetupUri", "sanitizeBody",
  "sanitizeTitle", "thread", "validate", "verifyAction",
];

test("import and require give the same names, and nothing beside them", () => {
  assert.deepEqual(Object.keys(imported).sort(), names);
  assert.deepEqual(Object.keys(require("flowdock-integration")).sort(), names);
});

test("where require can load modules, it gets the same instance as import", () => {
  const same = require("flowdock-integration").FlowdockError === imported.FlowdockError;
  assert.equal(same, Boolean(process.features.require_module));
});

test("the CommonJS file stands by itself", () => {
  const script = `
    const { validate, FlowdockError, encode } = require(${JSON.stringify(new URL("index.cjs", folder).pathname)});
    if (validate({}).violations.length !== 5) throw new Error("no report");
    try { encode({}); } catch (error) { if (error instanceof FlowdockError) console.log(error.code); }
  `;
  assert.equal(execFileSync(process.execPath, ["--eval", script], { encoding: "utf8" }).trim(), "invalid_message");
});

test("the inlined module is the file, in whatever way the runtime decodes it", async () => {
  const file = readFileSync(new URL("core.wasm", folder));
  const { bytes } = await import(new URL("core.inline.js", folder));
  const { Buffer } = globalThis;
  const { fromBase64 } = Uint8Array;
  const ways = [[fromBase64, Buffer], [(text) => Buffer.from(text, "base64"), undefined], [undefined, Buffer], [undefined, undefined]];
  const decoded = ways.map((way) => {
    [Uint8Array.fromBase64, globalThis.Buffer] = way;
    return bytes();
  });
  globalThis.Buffer = Buffer;
  if (fromBase64) Uint8Array.fromBase64 = fromBase64;
  else delete Uint8Array.fromBase64;
  for (const one of decoded) assert.ok(file.equals(one));
});

test("importing needs no flag, prints nothing and leaves nothing running", () => {
  const script = `import "flowdock-integration";`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
});

test("the tarball holds what is needed and nothing else", () => {
  assert.deepEqual(readdirSync(folder).sort(), [
    "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "action.js", "api.js", "ask.js", "attachments.js", "call.js", "client.js",
    "core.inline.js", "core.js", "core.wasm", "digest.js", "error.js", "exchange.js", "flowdock-api.js", "frame.js", "html.js",
    "index.cjs", "index.d.cts", "index.d.ts", "index.js", "line.js", "listen.js", "oauth.js", "own.js", "package.json",
    "parse.js", "post-all.js", "post.js", "quietly.js", "schema.js", "schema.json", "start.js", "workerd.js",
  ]);
});

test("the module has no way to panic but for the end of its memory", () => {
  const module = readFileSync(new URL("core.wasm", folder), "latin1");
  const sentences = module.match(/attempt to \w+|mid > len|out of (?:range|bounds)|called `\w+|capacity overflow/g);
  assert.deepEqual(sentences, ["capacity overflow"]);
});

test("the schema is there as JSON and as a value", () => {
  const schema = JSON.parse(readFileSync(require.resolve("flowdock-integration/schema.json"), "utf8"));
  assert.deepEqual(imported.messageSchema, schema);
});
