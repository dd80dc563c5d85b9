// What the package keeps: nothing. Its WebAssembly memory stays as large as one call needed it, and nothing has to be
// freed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as flowdock from "flowdock-integration";

const KB = 1024;
const MB = 1024 * KB;

/** Memory before and after some work of support/memory.js, in a process of its own. */
function measured(work) {
  const script = fileURLToPath(new URL("./support/memory.js", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", script, work], { encoding: "utf8" }));
}

function assertSame(before, after) {
  assert.equal(after.wasm, before.wasm, "the memory of the module");
  const grown = { external: after.external - before.external, heapUsed: after.heapUsed - before.heapUsed };
  assert.ok(grown.external < 64 * KB && grown.heapUsed < MB, JSON.stringify(grown));
}

test("a million validations, a tenth of them rejected, take no memory", () => {
  const { before, after } = measured("validations");
  assert.ok(before.wasm < 2 * MB, `${before.wasm}`);
  assertSame(before, after);
});

test("a message of 8 MB takes memory once", () => {
  const { first, before, after } = measured("large");
  assert.ok(before.wasm > first.wasm + 8 * MB, "it takes some");
  assertSame(before, after);
});

test("what is wrong with a megabyte of HTML takes no more memory than the findings that are kept", () => {
  const { before, after } = measured("faults");
  // Room for the JSON text, three bytes for each unit of UTF-16, and some hundred bytes for each finding. A NUL has six units in JSON.
  assert.ok(after.wasm - before.wasm < 22 * MB, `${(after.wasm - before.wasm) / MB} MB`);
});

test("where the stack ended, the next call works, with another instance and without the old ones", () => {
  const { before, after, instances } = measured("stack");
  // The first, and one after each end inside the module.
  assert.ok(instances > 20, `${instances}`);
  assert.equal(after.wasm, before.wasm);
  // Twenty were given up; the engine may hold on to the last.
  assert.ok(after.external - before.external < 2 * before.wasm, JSON.stringify({ before, after }));
  assert.ok(after.heapUsed - before.heapUsed < MB, JSON.stringify({ before, after }));
});

test("nothing has a method to free it", async () => {
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
  // What the language itself has is not ours.
  const seen = new Set([Object, Array, Function, Error].map(({ prototype }) => prototype));
  const look = (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [key, { value: inner }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      assert.ok(!/^(?:free|__destroy_into_raw|__wbg_ptr)$/.test(key), key);
      look(inner);
    }
    // Symbol.dispose and Symbol.asyncDispose, which not every Node has.
    assert.deepEqual(
      Object.getOwnPropertySymbols(value).filter((symbol) => /dispose/i.test(String(symbol))),
      [],
    );
    look(Object.getPrototypeOf(value));
  };
  given.forEach(look);
  assert.ok(seen.size > 40, `${seen.size} objects`);
});
