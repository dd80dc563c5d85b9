// The helpers that need no WebAssembly: escapeHtml, readSetupUri, readConfigurationUri and authenticationChallenge. Their results must equal
// those of the crate; `tests/core/helpers.rs` reads this table too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import {
  authenticationChallenge,
  escapeHtml,
  FlowdockError,
  html,
  readConfigurationUri,
  readSetupUri,
} from "flowdock-integration";

const table = JSON.parse(readFileSync(new URL("../fixtures/helpers.json", import.meta.url), "utf8"));

/** Returns the message of the `invalid_option` that a call throws, or undefined if it throws none. */
function refused(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof FlowdockError, String(error));
    assert.deepEqual({ ...error }, { code: "invalid_option", retryable: false });
    return error.message;
  }
  return undefined;
}

test("escapeHtml escapes each text as the table says", () => {
  for (const row of table.escape) assert.equal(escapeHtml(row.text), row.html);
  assert.equal(escapeHtml("\ud83d<\udf89🎉"), "\ufffd&lt;\ufffd🎉");
});

test("escapeHtml accepts only values that JSON.stringify writes as a string", () => {
  assert.equal(escapeHtml(new String("<")), "&lt;");
  assert.equal(escapeHtml(html`<b>${"&"}</b>`), "&lt;b&gt;&amp;amp;&lt;/b&gt;");
  assert.equal(escapeHtml({ toJSON: () => "<" }), "&lt;");
  for (const [value, name] of [
    [undefined, "null"],
    [null, "null"],
    [Number.NaN, "null"],
    [Symbol("x"), "null"],
    [escapeHtml, "null"],
    [7, "a number"],
    [Object(7), "a number"],
    [7n, "a BigInt"],
    [true, "a boolean"],
    [["<"], "an array"],
    [{ toString: () => "<" }, "an object"],
    [Object.create(String.prototype), "an object"],
    [{ toJSON: () => 7 }, "a number"],
    [
      {
        toJSON() {
          throw new Error("boom");
        },
      },
      "a value that throws when it is read",
    ],
    ["x".repeat(2 ** 24 + 1), "a value of more than 16 million characters"],
  ]) {
    assert.equal(
      refused(() => escapeHtml(value)),
      `\`text\` must be a string, not ${name}`,
    );
  }
});

test("readSetupUri and readConfigurationUri read each query as the table says", () => {
  for (const row of table.visits) {
    for (const [kind, read] of Object.entries({ setup: readSetupUri, configuration: readConfigurationUri })) {
      if (typeof row[kind] === "string")
        assert.equal(
          refused(() => read(row.url)),
          row[kind],
          row.url,
        );
      else if (row[kind]) assert.deepEqual(read(row.url), row[kind], row.url);
    }
  }
  assert.deepEqual(readSetupUri(new URL("https://app.example/?flow=a%20b")), { flow: "a b" });
  assert.deepEqual(readSetupUri("?flow=\ud83d"), { flow: "\ufffd" });
  assert.equal(
    refused(() => readSetupUri(undefined)),
    "`flow` is missing in the query",
  );
});

test("authenticationChallenge refuses URLs with characters that would end the header's value", () => {
  for (const url of table.challenges.accepted) {
    assert.equal(authenticationChallenge(url).headers.get("www-authenticate"), `Flowdock-Token url=${url}`);
  }
  for (const url of [...table.challenges.refused, undefined, "https://e.example/\ud800"]) {
    assert.equal(
      refused(() => authenticationChallenge(url)),
      "`url` must be an absolute http or https URL without white space, quotes or commas",
      url,
    );
  }
});

test("the helpers work in a realm without WebAssembly", () => {
  // A separate realm, because Node's own fetch uses WebAssembly and may start it at any time.
  const realm = createContext({ module: { exports: {} }, Response });
  runInContext("delete globalThis.WebAssembly", realm);
  assert.equal(runInContext("typeof WebAssembly", realm), "undefined");
  const source = readFileSync(new URL("../../node_modules/flowdock-integration/index.cjs", import.meta.url), "utf8");
  runInContext(source, realm);
  const helpers = realm.module.exports;
  assert.equal(helpers.escapeHtml("<"), "&lt;");
  assert.equal(helpers.readSetupUri("?flow=1").flow, "1");
  assert.equal(helpers.readConfigurationUri("?flow=1&source=2").source, "2");
  assert.equal(helpers.authenticationChallenge("https://e.example/").status, 401);
  assert.equal(typeof helpers.messageSchema.$defs, "object");
  assert.throws(() => helpers.escapeHtml(7), helpers.FlowdockError);
  assert.throws(() => helpers.validate({}), { code: "wasm_unavailable" });
});
