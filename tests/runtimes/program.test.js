// The program of program/ in the environments that every run of the tests can afford. `cargo xtask test --runtimes` has all of them.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as chromium from "./environments/chromium.js";
import * as edgeVm from "./environments/edge-vm.js";
import * as extension from "./environments/extension.js";
import * as miniflare from "./environments/miniflare.js";
import { partsOf, Row, versionOf } from "./support/row.js";

/** The project in which the package is installed. */
const project = fileURLToPath(new URL("../../", import.meta.url));

const node = ["print.js", "print.cjs"].map((entry) => ({
  name: `Node: ${entry}`,
  run: (row, given) => row.result(process.execPath, [entry, JSON.stringify(given)]),
}));

/** @type {import("./support/row.js").Description[]} */
const rows = [...node, ...[miniflare, edgeVm, chromium, extension].flatMap(({ rows }) => /** @type {any} */ (rows))];

for (const description of rows) {
  test(`the program gives the same in ${description.name}`, async (t) => {
    const verdicts = await new Row(description, project).verdicts();
    for (const { name } of partsOf(description))
      await t.test(name, () => assert.ok(verdicts[name].ok, verdicts[name].text));
  });
}

test("docs/runtimes.md names every environment in the version that is tested", async () => {
  const guide = await readFile(new URL("../../docs/runtimes.md", import.meta.url), "utf8");
  for (const file of await readdir(new URL("./environments/", import.meta.url))) {
    if (!file.endsWith(".js")) continue;
    const { packages = {}, rows } = await import(`./environments/${file}`);
    for (const row of rows) {
      for (const { environment, way } of partsOf(row)) {
        const version = versionOf(row, packages) ?? "";
        const line = guide
          .split("\n")
          .find((line) => line.startsWith(`| ${environment} | ${version}`) && line.includes(way));
        assert.ok(line, `${environment} ${version}, ${way}: run \`cargo xtask test --runtimes --docs\``);
      }
    }
  }
});
