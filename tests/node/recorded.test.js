// Compares the package's answers with recorded answers. support/recording.js makes the calls.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { answer, calls } from "./support/recording.js";

const file = new URL("../fixtures/recorded.jsonl.gz", import.meta.url);

test("the package gives the recorded answer to each recorded call", () => {
  const lines = Array.from(calls(), (call) => JSON.stringify([...call, answer(call)]));
  const recorded = gunzipSync(readFileSync(file)).toString().split("\n");
  const changed = lines.flatMap((line, index) => (line === recorded[index] ? [] : [`${recorded[index]}\n${line}\n`]));
  if (process.env.RECORD) {
    writeFileSync(process.env.RECORD, gzipSync(lines.join("\n"), { level: 9 }));
    console.log(changed.join("\n"));
    return;
  }
  assert.ok(recorded.length >= 5_000);
  assert.equal(lines.length, recorded.length);
  assert.equal(changed.length, 0, `${changed.length} answers changed; the first:\n${changed[0]}`);
});
