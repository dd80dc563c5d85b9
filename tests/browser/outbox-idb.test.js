// The store in IndexedDB, in a real Chromium: what every store must do, and what becomes of a browser's failures.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { contract } from "../node/support/outbox-contract.js";
import { launchOptions, openPage, startChromium } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

let browser;
let site;
let page;

before(async () => {
  [browser, site] = await Promise.all([startChromium(), servePackage("'self' 'wasm-unsafe-eval'")]);
  page = await openPage(browser);
  await page.goto(site.url);
  await page.evaluate(async () => {
    const { idbOutbox } = await import("/outbox-idb.js");
    const { contract, entry, measure } = await import("/outbox-contract.js");
    Object.assign(window, { tools: { idbOutbox, contract, entry, measure } });
  });
});

after(() => Promise.all([browser?.close(), site?.stop()]));

for (const { name } of contract) {
  test(`IndexedDB: ${name}`, async () => {
    await page.evaluate((name) => {
      const { run } = window.tools.contract.find((one) => one.name === name);
      return run(() => window.tools.idbOutbox(name));
    }, name);
    assert.deepEqual(page.mistakes, []);
  });
}

test("IndexedDB: no operation takes longer because 20,000 entries wait", async (t) => {
  // What the operations ask of the database, since times say little on a busy machine: each request with the number of its records.
  const asked = (waiting) =>
    page.evaluate(async (waiting) => {
      const { idbOutbox, entry } = window.tools;
      const store = idbOutbox(`plan ${waiting}`);
      await store.put([entry("1", ["x"]), entry("2", ["x"])]);
      await store.put(
        Array.from({ length: waiting }, (_, index) => entry(`more ${index}`, [index % 2 ? "x" : `${index}`])),
      );
      const requests = [];
      const originals = [];
      for (const { prototype } of [IDBObjectStore, IDBIndex]) {
        for (const name of ["get", "getAll", "getKey", "getAllKeys", "openCursor", "openKeyCursor", "put", "delete"]) {
          const original = prototype[name];
          if (!original) continue;
          originals.push([prototype, name, original]);
          prototype[name] = function (...given) {
            const request = original.apply(this, given);
            requests.push([name, request]);
            return request;
          };
        }
      }
      const [one] = await store.take(0, 1, 1);
      await store.settle(one, 0);
      await store.settle((await store.take(0, 1, 1))[0]);
      await store.next();
      for (const [prototype, name, original] of originals) prototype[name] = original;
      return requests.map(([name, { result }]) => `${name} ${result?.length ?? ""}`);
    }, waiting);
  assert.deepEqual(await asked(1_000), await asked(10));
  const medians = await page.evaluate(
    (count) => window.tools.measure(() => window.tools.idbOutbox("many"), count),
    process.env.FLOWDOCK_LONG ? 20_000 : 2_000,
  );
  t.diagnostic(JSON.stringify(medians));
});

/** Makes a browser context, which has a storage of its own. */
async function newContext(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

/** Opens a page with an outbox. `prepare` runs in it before any other script. */
async function openOutbox(context, prepare = () => {}) {
  await context.addInitScript(prepare);
  const other = await openPage(context);
  await other.goto(site.url);
  await other.evaluate(makeOutbox);
  return other;
}

/** Makes an outbox in a page, whose messages nobody sends, and a function that posts to it. */
async function makeOutbox() {
  const { Outbox } = await import("/outbox.js");
  const { idbOutbox } = await import("/outbox-idb.js");
  const outbox = new Outbox({ store: idbOutbox(), client: () => undefined });
  const post = (content) =>
    outbox.post("source", { event: "message", content }).then(
      () => "stored",
      ({ name, code, retryable, cause }) => [name, code, retryable, cause?.name].join(" "),
    );
  window.tools = { ...window.tools, outbox, post };
}

test("without IndexedDB a post is rejected, and a later one is stored if it is there then", async (t) => {
  const other = await openOutbox(await newContext(t), () => {
    const { indexedDB } = globalThis;
    Object.defineProperty(globalThis, "indexedDB", { value: undefined, writable: true });
    window.tools = { indexedDB };
  });
  assert.equal(await other.evaluate(() => window.tools.post("x")), "FlowdockError storage true TypeError");
  await other.evaluate(() => {
    globalThis.indexedDB = window.tools.indexedDB;
  });
  assert.equal(await other.evaluate(() => window.tools.post("x")), "stored");
});

test("where the user blocks a site's data, a post is rejected", async (t) => {
  const profile = await mkdtemp(join(tmpdir(), "flowdock-outbox-"));
  await mkdir(join(profile, "Default"));
  // Chromium's setting "cookies and other site data: blocked".
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, "Default/Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  t.after(async () => {
    await context.close();
    await rm(profile, { recursive: true });
  });
  const other = await openOutbox(context);
  assert.match(
    await other.evaluate(() => window.tools.post("x")),
    /^FlowdockError storage true (Unknown|Security)Error$/,
  );
});

test("when the disk is full a post is rejected, and the next one is stored as soon as there is space", async (t) => {
  const other = await openOutbox(await newContext(t));
  const session = await other.context().newCDPSession(other);
  const quota = (quotaSize) => session.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize });
  await quota(1);
  assert.equal(await other.evaluate(() => window.tools.post("x")), "FlowdockError storage true QuotaExceededError");
  assert.equal(await other.evaluate(() => window.tools.outbox.count()), 0);
  await quota(undefined);
  assert.equal(await other.evaluate(() => window.tools.post("x")), "stored");
  assert.equal(await other.evaluate(() => window.tools.outbox.count()), 1);
});

test("a database that is deleted under an open page is made again at the next post", async (t) => {
  const other = await openOutbox(await newContext(t));
  await other.evaluate(() => window.tools.post("x"));
  await other.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("flowdock-outbox");
        request.onsuccess = resolve;
        request.onerror = request.onblocked = reject;
      }),
  );
  assert.equal(await other.evaluate(() => window.tools.post("y")), "stored");
  assert.equal(await other.evaluate(() => window.tools.outbox.count()), 1);
});
