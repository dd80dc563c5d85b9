// The output of `cargo xtask example browser-extension`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("start.js builds the extension and prints its folder and the options to enter", async () => {
  const env = { ...process.env, FLOWDOCK_URL: "http://127.0.0.1:4400", FLOWDOCK_TOKEN: "f1" };
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
  const [, folder] = lines[0].match(/^The extension: (.+)$/);
  await access(`${folder}/manifest.json`);
  await access(`${folder}/background.js`);
  assert.ok(
    lines.includes("  Base URL    http://127.0.0.1:4400") && lines.includes("  Flow token  f1"),
    lines.join("\n"),
  );
});
