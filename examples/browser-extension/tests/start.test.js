// The output of `cargo xtask example browser-extension`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("start.js builds the extension and prints its folder and the line to paste into its options", async () => {
  const EXAMPLE_OUTPUT = await mkdtemp(join(tmpdir(), "flowdock-extension-"));
  const env = { ...process.env, FLOWDOCK_URL: "http://127.0.0.1:4400", FLOWDOCK_TOKEN: "f1", EXAMPLE_OUTPUT };
  const start = spawn("node", [fileURLToPath(new URL("../start.js", import.meta.url))], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(start, "exit");
  const lines = [];
  for await (const line of createInterface({ input: start.stdout })) {
    lines.push(line);
    if (line === "Ctrl-C ends it.") break;
  }
  start.kill("SIGINT");
  await exit;
  const [, folder] = lines[0].match(/^The extension is in (.+)$/);
  assert.equal(folder, EXAMPLE_OUTPUT, "the folder that stays when the example ends");
  await access(`${folder}/manifest.json`);
  await access(`${folder}/background.js`);
  await access(`${folder}/icon-16.png`);
  assert.ok(lines.includes("   http://127.0.0.1:4400/#flow_token=f1"), lines.join("\n"));
  await rm(folder, { recursive: true });
});
