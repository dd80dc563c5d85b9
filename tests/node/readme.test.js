// The JavaScript in both READMEs runs as it stands, and prints what the text behind it says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startInbox } from "./support/inbox.js";

for (const readme of ["../../README.md", "../../node_modules/flowdock-integration/README.md"]) {
  const text = readFileSync(new URL(readme, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```js\n(.*?)```\s+```text\n(.*?)```/gs)];

  test(`the examples of ${readme} print what they promise`, async () => {
    assert.equal(blocks.length, [...text.matchAll(/```js\n/g)].length, "each example has its output behind it");
    assert.ok(blocks.length >= 2);
    const inbox = await startInbox();
    try {
      for (const [index, [, code, output]] of blocks.entries()) {
        const file = fileURLToPath(new URL(`./readme-${index}.mjs`, import.meta.url));
        writeFileSync(file, code);
        const env = { ...process.env, FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token };
        assert.equal(execFileSync(process.execPath, [file], { encoding: "utf8", env }), output);
        rmSync(file);
      }
      const [thread] = await inbox.get("/threads");
      assert.equal(thread.title, "Polish the flux capacitor");
    } finally {
      await inbox.stop();
    }
  });
}
