// The JavaScript in both READMEs runs as it stands, with what the demo prints to be copied, and prints what the text behind it says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startDemo } from "./support/demo.js";

// What a reader has: nothing is set but what the demo says.
const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("FLOWDOCK_")));
const isCopied = (line) => line.startsWith("  export ");
let demo;
let variables;

before(async () => {
  demo = await startDemo();
  variables = Object.fromEntries(
    demo.lines.filter(isCopied).map((line) => /^ {2}export (\w+)=(.*)$/.exec(line).slice(1)),
  );
});

after(() => demo?.stop());

/** Runs a file in a shell into which the lines were copied. */
function run(file) {
  const script = [...demo.lines.filter(isCopied), `exec "${process.execPath}" "${file}"`].join("\n");
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env: bare });
}

test("the demo names the inbox for every shell", () => {
  const names = [
    "FLOWDOCK_URL",
    "FLOWDOCK_TOKEN",
    "FLOWDOCK_API_TOKEN",
    "FLOWDOCK_CLIENT_ID",
    "FLOWDOCK_CLIENT_SECRET",
  ];
  assert.deepEqual(Object.keys(variables), names);
  const inPowerShell = demo.lines.filter((line) => line.startsWith("  $env:"));
  assert.deepEqual(
    inPowerShell,
    Object.entries(variables).map(([name, value]) => `  $env:${name} = "${value}"`),
  );
});

for (const readme of ["../../README.md", "../../node_modules/flowdock-integration/README.md"]) {
  const text = readFileSync(new URL(readme, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```js\n(.*?)```\s+```text\n(.*?)```/gs)];

  test(`the examples of ${readme} print what they promise`, async () => {
    assert.equal(blocks.length, [...text.matchAll(/```js\n/g)].length, "each example has its output behind it");
    assert.ok(blocks.length >= 2);
    for (const [index, [, code, output]] of blocks.entries()) {
      const file = fileURLToPath(new URL(`./readme-${index}.mjs`, import.meta.url));
      writeFileSync(file, code);
      assert.equal(run(file), output);
      rmSync(file);
    }
    const { FLOWDOCK_URL: url, FLOWDOCK_API_TOKEN: token } = variables;
    const headers = { authorization: `Bearer ${token}` };
    const [thread] = await (await fetch(`${url}/flows/example/main/threads`, { headers })).json();
    assert.equal(thread.title, "Polish the flux capacitor");
  });
}
