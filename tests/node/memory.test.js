// The package keeps no memory between calls: its WebAssembly memory grows only to the size that the largest call needs, and no object has to
// be freed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as flowdock from "flowdock-integration";

const KB = 1024;
const MB = 1024 * KB;

/** Runs one kind of work of support/memory.js in a separate process, and returns the memory before and after it. */
function measured(work) {
  const script = fileURLToPath(new URL("./support/memory.js", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", script, work], { encoding: "utf8" }));
}

function assertSame(before, after) {
  assert.equal(after.wasm, before.wasm, "the memory of the module");
  const grown = { external: after.external - before.external, heapUsed: after.heapUsed - before.heapUsed };
  assert.ok(grown.external < 64 * KB && grown.heapUsed < MB, JSON.stringify(grown));
}

test("a million validations, of which a tenth find violations, take no more memory", () => {
  const { before, after } = measured("validations");
  assert.ok(before.wasm < 2 * MB, `${before.wasm}`);
  assertSame(before, after);
});

test("validating 8 MB repeatedly takes no more memory than the first time", () => {
  const { first, before, after } = measured("large");
  assert.ok(before.wasm > first.wasm + 8 * MB, "a large message takes memory");
  assertSame(before, after);
});

test("a megabyte of faulty HTML takes memory only for the thousand violations that are reported", () => {
  const { before, after } = measured("faults");
  // The memory holds the JSON text, three bytes for each UTF-16 code unit, and some hundred bytes for each violation. JSON writes a NUL with six
  // code units.
  assert.ok(after.wasm - before.wasm < 22 * MB, `${(after.wasm - before.wasm) / MB} MB`);
});

test("after a stack overflow the next call works with a new instance, and the old instances are freed", () => {
  const { before, after, instances } = measured("stack");
  // The first instance, and a new one after each overflow inside the module.
  assert.ok(instances > 20, `${instances}`);
  assert.equal(after.wasm, before.wasm);
  // Twenty instances were dropped. The engine may still hold the last of them.
  assert.ok(after.external - before.external < 2 * before.wasm, JSON.stringify({ before, after }));
  assert.ok(after.heapUsed - before.heapUsed < MB, JSON.stringify({ before, after }));
});

test("no object of the package has a method to free it", async () => {
  const message = { event: "message", content: "x", external_thread_id: "1" };
  const parts = { content: "x", external_thread_id: "1" };
  const fetch = async () => new Response('{ "id": 1 }', { status: 201 });
  const client = new flowdock.Client({ baseUrl: "http://127.0.0.1:2", flowToken: "0123456789abcdef", fetch });
  const given = [
    ...Object.values(flowdock),
    client,
    flowdock.validate({}),
    flowdock.validate(message),
    flowdock.encode(message),
    flowdock.chatMessage(parts),
    flowdock.thread({ title: "x" }),
    flowdock.checkBody("<x>"),
    flowdock.sanitizeBody("x"),
    flowdock.activity({ author: "x", title: "x", external_thread_id: "1", thread: { title: "x" } }),
    flowdock.html`x`,
    await client.post(message, { waitForMessage: true }),
    await client.post({}).catch((error) => error),
  ];
  // The prototypes of the language itself are skipped.
  const seen = new Set([Object, Array, Function, Error].map(({ prototype }) => prototype));
  const look = (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [key, { value: inner }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      assert.ok(!/^(?:free|__destroy_into_raw|__wbg_ptr)$/.test(key), key);
      look(inner);
    }
    // This matches Symbol.dispose and Symbol.asyncDispose, which some versions of Node do not have.
    assert.deepEqual(
      Object.getOwnPropertySymbols(value).filter((symbol) => /dispose/i.test(String(symbol))),
      [],
    );
    look(Object.getPrototypeOf(value));
  };
  given.forEach(look);
  assert.ok(seen.size > 40, `${seen.size} objects`);
});
