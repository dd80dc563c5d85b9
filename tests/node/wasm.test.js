// Where WebAssembly cannot be compiled or started, and the entry `slim`, whose caller loads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { FlowdockError } from "flowdock-integration";
import { withGlobals } from "./support/globals.js";

const folder = new URL("../../node_modules/flowdock-integration/", import.meta.url);
const bytesOf = (name) => readFileSync(new URL(`${name}.wasm`, folder));
let copies = 0;

/** Imports an entry anew, as a program that has not used it yet. */
function fresh(entry) {
  copies += 1;
  return import(new URL(`${entry}.js?copy=${copies}`, folder).href);
}

const forbidding = (cause) => ({
  ...WebAssembly,
  Module: class {
    constructor() {
      throw cause;
    }
  },
});
const extension = { runtime: { id: "abc" } };
const byPolicy = new WebAssembly.CompileError("violates the following Content Security policy directive");

for (const [place, globals, advice] of /** @type {any[][]} */ ([
  ["a runtime without WebAssembly", { WebAssembly: undefined }, /this runtime has none$/],
  [
    "a Cloudflare Worker",
    { WebAssembly: forbidding(byPolicy), WebSocketPair: class {} },
    /condition `workerd` or `edge-light`, or use .*\/slim$/,
  ],
  [
    "an edge runtime",
    { WebAssembly: forbidding(byPolicy), EdgeRuntime: "vercel" },
    /condition `workerd` or `edge-light`, or use .*\/slim$/,
  ],
  ["a page", { WebAssembly: forbidding(byPolicy) }, /'wasm-unsafe-eval' .* script-src of the Content-Security-Policy$/],
  [
    "a page of an extension",
    { WebAssembly: forbidding(byPolicy), chrome: extension, location: { protocol: "chrome-extension:" } },
    /'wasm-unsafe-eval' .* content_security_policy\.extension_pages in the manifest$/,
  ],
  [
    "a page of an extension in Firefox",
    { WebAssembly: forbidding(byPolicy), browser: extension, location: { protocol: "moz-extension:" } },
    /'wasm-unsafe-eval' .* content_security_policy\.extension_pages in the manifest$/,
  ],
  [
    "a content script",
    { WebAssembly: forbidding(byPolicy), chrome: extension, location: { protocol: "https:" } },
    /in a content script .* call the package in the service worker/,
  ],
])) {
  test(`in ${place} every call gives \`wasm_unavailable\` with the advice for it`, async () => {
    const api = await fresh("index");
    await withGlobals(globals, async () => {
      for (const call of [
        () => api.validate({}),
        () => api.html`x`,
        () => new api.Client({ baseUrl: "https://a.example", flowToken: "x" }),
        () => new api.FlowdockApi({ baseUrl: "https://a.example" }),
      ]) {
        assert.throws(call, (/** @type {any} */ error) => {
          assert.ok(error instanceof FlowdockError);
          const { code, message, retryable } = error;
          assert.deepEqual([code, retryable], ["wasm_unavailable", false]);
          assert.match(message, /^WebAssembly could not be compiled: /);
          assert.match(message, advice);
          return true;
        });
      }
      assert.equal(api.escapeHtml("<"), "&lt;");
    });
    // The failure is not remembered.
    assert.equal(api.validate({}).valid, false);
  });
}

test("a module that compiles and cannot be started gives `wasm_unavailable`", async () => {
  const { validate } = await fresh("index");
  const cause = new WebAssembly.LinkError("no room");
  const Instance = class {
    constructor() {
      throw cause;
    }
  };
  const globals = { WebAssembly: { Module: WebAssembly.Module, Instance } };
  await withGlobals(globals, () => {
    assert.throws(
      () => validate({}),
      (/** @type {any} */ error) => error.code === "wasm_unavailable" && error.cause === cause,
    );
  });
});

test("an exhausted stack while compiling stays the engine's RangeError", async () => {
  const { validate } = await fresh("index");
  const end = new RangeError("Maximum call stack size exceeded");
  await withGlobals({ WebAssembly: forbidding(end) }, () => {
    assert.throws(
      () => validate({}),
      (/** @type {any} */ error) => error === end,
    );
  });
});

test("Node without WebAssembly says so", () => {
  const script = `
    import { FlowdockError, validate } from "flowdock-integration";
    try { validate({}); } catch (error) { console.log(error instanceof FlowdockError, error.code, error.message); }
  `;
  const cwd = new URL("..", import.meta.url);
  const { stdout } = spawnSync(process.execPath, ["--jitless", "--input-type=module", "--eval", script], {
    cwd,
    encoding: "utf8",
  });
  assert.equal(stdout, "true wasm_unavailable WebAssembly could not be compiled: this runtime has none\n");
});

for (const name of ["AbortController", "crypto", "performance"]) {
  test(`without \`${name}\` a client cannot be made, and the error says why`, async () => {
    const { Client, FlowdockError } = await fresh("index");
    await withGlobals({ [name]: undefined }, () => {
      assert.throws(
        () => new Client({ baseUrl: "https://a.example", flowToken: "x" }),
        (/** @type {any} */ error) =>
          error instanceof FlowdockError && error.code === "invalid_option" && error.message.includes(`\`${name}\``),
      );
    });
  });
}

for (const name of ["crypto", "TextDecoder", "TextEncoder", "URL"]) {
  test(`without \`${name}\` setup and actions reject with a FlowdockError`, async () => {
    const { FlowdockError, OAuth, verifyAction } = await fresh("index");
    const request = { headers: { "flowdock-token": "a.b.c" }, body: "{}", url: "https://a.example/" };
    await withGlobals({ [name]: undefined }, async () => {
      await assert.rejects(verifyAction(request, { secrets: ["x"] }), FlowdockError);
      if (/crypto|Encoder/.test(name)) await assert.rejects(OAuth.pkce(), FlowdockError);
    });
  });
}

// The entry `slim`.

const isReady = ({ validate, encode }) =>
  validate({}).valid === false && encode({ event: "message", content: "x" }) === '{"event":"message","content":"x"}';

/** Copies bytes into a SharedArrayBuffer, which several threads may use. */
function shared(bytes) {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
  view.set(bytes);
  return view;
}

test("a module or bytes are ready when `init` returns", async () => {
  for (const source of [
    bytesOf("core"),
    new Uint8Array(bytesOf("core")).buffer,
    new DataView(new Uint8Array(bytesOf("core")).buffer),
    shared(bytesOf("core")),
    new WebAssembly.Module(bytesOf("core")),
  ]) {
    const api = await fresh("slim");
    const done = api.init(source);
    assert.ok(isReady(api));
    assert.equal(await done, undefined);
  }
});

test("`init` takes a Response, and promises of everything", async () => {
  const wasm = (type) => new Response(bytesOf("core"), { headers: { "content-type": type } });
  for (const source of [
    wasm("application/wasm"),
    wasm("application/octet-stream"),
    Promise.resolve(wasm("application/wasm")),
    Promise.resolve(bytesOf("core")),
    WebAssembly.compile(bytesOf("core")),
  ]) {
    const api = await fresh("slim");
    await api.init(source);
    assert.ok(isReady(api));
  }
});

test("`init` takes the answer of a real server", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/wasm" }).end(bytesOf("core"));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const api = await fresh("slim");
    await api.init(fetch(`http://127.0.0.1:${server.address().port}/core.wasm`));
    assert.ok(isReady(api));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("each file gives the functions that need it, and a missing one is named", async () => {
  const api = await fresh("slim");
  const missing = (name) => (/** @type {any} */ error) =>
    error instanceof FlowdockError &&
    error.code === "wasm_unavailable" &&
    error.message.endsWith(`call \`init\` with flowdock-integration/${name}.wasm first`);
  assert.throws(() => api.validate({}), missing("core"));
  assert.throws(() => new api.FlowdockApi({ baseUrl: "https://a.example" }), missing("service"));
  api.init(bytesOf("service"));
  assert.throws(() => api.validate({}), missing("core"));
  assert.ok(new api.FlowdockApi({ baseUrl: "https://a.example" }));
  api.init(bytesOf("core"));
  assert.ok(isReady(api));
});

test("`init` refuses everything else, and says what is wrong", async () => {
  const { init, validate } = await fresh("slim");
  const empty = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]);
  const older = bytesOf("core");
  const label = older.lastIndexOf("flowdock-integration");
  older.write("9", label + "flowdock-integrationcore ".length);
  /** @type {any[][]} */
  const refused = [
    [undefined, "invalid_option", /must be a WebAssembly\.Module/],
    [null, "invalid_option", /must be a WebAssembly\.Module/],
    ["core.wasm", "invalid_option", /must be a WebAssembly\.Module/],
    [{}, "invalid_option", /must be a WebAssembly\.Module/],
    [empty, "invalid_option", /neither core\.wasm nor service\.wasm/],
    [older, "invalid_option", /^core\.wasm is of version 9\S+ and the JavaScript of version \d\S+: use one version$/],
    [new Response("<html>", { status: 404 }), "wasm_unavailable", /status 404$/],
    [new Response("<html>"), "invalid_option", /not WebAssembly, or is damaged/],
    [new TextEncoder().encode("<html>"), "invalid_option", /not WebAssembly, or is damaged/],
    [bytesOf("core").subarray(0, 99), "invalid_option", /not WebAssembly, or is damaged/],
    [new Response(bytesOf("core").subarray(0, 99)), "invalid_option", /not WebAssembly, or is damaged/],
    [() => Promise.reject(new TypeError("fetch failed")), "wasm_unavailable", /it could not be loaded$/],
  ];
  for (const [source, code, message] of refused) {
    await assert.rejects(init(typeof source === "function" ? source() : source), (/** @type {any} */ error) => {
      assert.ok(error instanceof FlowdockError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
    assert.throws(() => validate({}), { code: "wasm_unavailable" });
  }
});
