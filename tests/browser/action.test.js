// `verifyAction` in Chromium. Nobody sends requests to a page, but service workers and an application's tests may verify in a browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { read } from "../node/support/cases.js";
import { openPage, startChromium } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

let browser;
let site;

before(async () => {
  [browser, site] = await Promise.all([startChromium(), servePackage("'self' 'wasm-unsafe-eval'")]);
});

after(() => Promise.all([browser?.close(), site?.stop()]));

test("verifyAction gives the outcome that the table names for each call in Chromium", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const table = read("callbacks.json");
  const forge = readFileSync(new URL("../node/support/forge.js", import.meta.url), "utf8").replaceAll(/^export /gm, "");
  const outcomes = await page.evaluate(`import("/index.js").then((flowdock) => {
    ${forge}
    return judgeCalls(flowdock, ${JSON.stringify(table)});
  })`);
  assert.deepEqual(
    outcomes,
    table.calls.map(({ name, outcome }) => ({ name, outcome })),
  );
  assert.deepEqual(page.mistakes, []);
});
