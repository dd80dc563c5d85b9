// The program of program/ in the environments that every run of the tests can afford. `cargo xtask test --runtimes` has all of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as chromium from "./environments/chromium.js";
import * as edgeVm from "./environments/edge-vm.js";
import * as extension from "./environments/extension.js";
import * as miniflare from "./environments/miniflare.js";
import { partsOf, Row } from "./support/row.js";

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
