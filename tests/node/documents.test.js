// Runs the JavaScript examples of the READMEs and the guides unchanged, and the shell blocks that call the package's command, with the
// variables that the demo prints. Each must print the text of the block after it.
//
// A block `js bundle` is a file for something that is not here: a bundler, a page, an extension, another server. It is bundled, which
// fails if the package has no such entry or no such name; `bundle=workerd` sets that condition. guides.test.js runs those that Node can run.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startDemo } from "./support/demo.js";
import { bundled, files } from "./support/guide.js";

const root = new URL("../../", import.meta.url);
// The environment of a reader: no variable of this test run, only those that the demo prints.
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

/** Runs a file in a shell after the `export` lines that the demo printed. Node 20 would warn that its mock timers are experimental. */
const run = (file) => runInShell(`exec "${process.execPath}" --no-warnings "${file}"`);

/** Runs the lines of a reader in a shell, after the `export` lines that the demo printed. Returns everything that a terminal would show. */
function runInShell(lines, cwd = fileURLToPath(root)) {
  const script = [...demo.lines.filter(isCopied), "exec 2>&1", lines].join("\n");
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env: bare, cwd });
}

/** Replaces uuids, which differ in every run. */
const withoutUuids = (text) => text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid");

test("the demo prints the variables for POSIX shells and for PowerShell", () => {
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

const guides = readdirSync(new URL("docs/", root), { encoding: "utf8", recursive: true })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name.replaceAll("\\", "/")}`);
const readmes = ["README.md", "node_modules/flowdock-integration/README.md"];

for (const document of [...readmes, ...guides]) {
  const text = readFileSync(new URL(document, root), "utf8");
  const examples = [...text.matchAll(/```js\n(.*?)```(?:\s+```text\n(.*?)```)?/gs)];

  for (const [index, [, code, output]] of examples.entries()) {
    test(`example ${index + 1} of ${document} prints the output that follows it`, () => {
      assert.notEqual(output, undefined, "a block with the output follows the example");
      const file = fileURLToPath(new URL("document-example.mjs", import.meta.url));
      writeFileSync(file, code);
      assert.equal(run(file), output);
      rmSync(file);
    });
  }

  const blocks = [...text.matchAll(/```sh\n(.*?)```(?:\s+```text\n(.*?)```)?/gs)];
  const commands = blocks.filter(([, lines]) => lines.includes("npx flowdock-integration"));
  if (commands.length > 0) {
    test(`the commands of ${document} print the outputs that follow them`, () => {
      // One folder for all, because a block may read the file that an earlier one wrote. npx finds the command above it.
      const folder = mkdtempSync(fileURLToPath(new URL("document-", root)));
      for (const [, lines, output] of commands) {
        assert.notEqual(output, undefined, `a block with the output follows ${lines}`);
        assert.equal(withoutUuids(runInShell(lines, folder)), withoutUuids(output), lines);
      }
      rmSync(folder, { recursive: true });
    });
  }

  for (const { name, code, loader, condition } of files(text)) {
    test(`${name} of ${document} can be bundled`, async () => {
      await bundled(code, { loader, condition });
    });
  }

  for (const [, json] of text.matchAll(/```json\n(.*?)```/gs)) {
    test(`${document} contains valid JSON`, () => JSON.parse(json));
  }
}

test("the first message of the README made a thread in the inbox", async () => {
  const { FLOWDOCK_URL: url, FLOWDOCK_API_TOKEN: token } = variables;
  const headers = { authorization: `Bearer ${token}` };
  const threads = await (await fetch(`${url}/flows/example/main/threads`, { headers })).json();
  assert.ok(threads.some(({ title }) => title === "Polish the flux capacitor"));
});

test("the line that the demo prints posts the first message, from any folder", async () => {
  const line = demo.lines.find((line) => line.endsWith(' post --title "Hello"'));
  assert.match(withoutUuids(runInShell(line, tmpdir())), /^accepted, uuid uuid\n$/);
  const { FLOWDOCK_URL: url, FLOWDOCK_API_TOKEN: token } = variables;
  const headers = { authorization: `Bearer ${token}` };
  const threads = await (await fetch(`${url}/flows/example/main/threads?search=Hello`, { headers })).json();
  assert.ok(threads.some(({ title }) => title === "Hello"));
});

test("the Rust program of the README posts", () => {
  // Cargo has built it beside the inbox.
  const program = join(dirname(process.env.FLOWDOCK_INBOX), "examples", `post${extname(process.env.FLOWDOCK_INBOX)}`);
  assert.equal(execFileSync(program, { encoding: "utf8", env: { ...bare, ...variables } }), "Accepted\n");
});

test("the READMEs and the guides have examples", () => {
  const count = (document) => [...readFileSync(new URL(document, root), "utf8").matchAll(/^```js$/gm)].length;
  for (const readme of readmes) assert.ok(count(readme) >= 2, readme);
  assert.ok(guides.map(count).reduce((sum, one) => sum + one, 0) >= 8);
});
