// When an outbox in a page and in its service worker is drained.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startFaultProxy } from "../node/support/fault-proxy.js";
import { startInbox } from "../node/support/inbox.js";
import { stored } from "../node/support/judge.js";
import { startChromium } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

const TIMEOUT = { timeout: 120_000 };

let browser;
let inbox;
let proxy;
let site;

before(async () => {
  [browser, inbox, site] = await Promise.all([
    startChromium(),
    startInbox(),
    servePackage("'self' 'wasm-unsafe-eval'"),
  ]);
  proxy = await startFaultProxy(inbox.url, { keepAlive: false });
});

after(() => Promise.all([browser?.close(), inbox?.stop(), proxy?.stop(), site?.stop()]));

/** Opens a browser context, and returns a function that opens a tab in it with an outbox. With the role `idle` nothing wakes that. */
async function open(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const script = `/outbox-page.js?${new URLSearchParams({ baseUrl: proxy.url, flowToken: inbox.flow_token })}`;
  const tab = async (role) => {
    const page = await context.newPage();
    await page.goto(site.url);
    await page.evaluate((script) => import(script), `${script}&role=${role}`);
    return page;
  };
  return { context, script, tab };
}

const post = (page, threads) => page.evaluate((threads) => window.tools.post(1, 0, threads), threads);
const empty = (page) => page.evaluate(() => window.tools.empty());
/** Whether the inbox has the message of this thread. */
const arrived = async (uuids) => (await stored(inbox)).some(({ uuid }) => uuids.includes(uuid));

for (const [occasion, happen] of Object.entries({
  "when the network comes back": async (page) => {
    await page.context().setOffline(true);
    await page.context().setOffline(false);
  },
  "when the page is shown": (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))),
  "when another tab has posted": async (page) => {
    const other = await page.context().newPage();
    await other.goto(site.url);
    await other.evaluate(() => new BroadcastChannel("flowdock-outbox").postMessage(0));
  },
  "when the page is loaded": (page) => page.evaluate(() => window.tools.wake()),
})) {
  test(`what waits is sent ${occasion}`, TIMEOUT, async (t) => {
    const { tab } = await open(t);
    const page = await tab(occasion.endsWith("loaded") ? "idle" : "");
    // A tab whose outbox is not woken stores a message, and tells nobody.
    const uuids = await post(await tab("idle"), occasion);
    assert.equal(await arrived(uuids), false);
    await happen(page);
    await empty(page);
    assert.equal(await arrived(uuids), true);
  });
}

test("a message that could not be sent is sent again when it is due", TIMEOUT, async (t) => {
  const { tab } = await open(t);
  const page = await tab("");
  const was = proxy.seen.posts;
  // The client makes at most six requests a time.
  proxy.state.script.push(...Array(8).fill("503"));
  const uuids = await post(page, "due");
  await empty(page);
  assert.deepEqual([await arrived(uuids), proxy.seen.posts - was], [true, 9]);
});

test("Background Sync starts the service worker for what a page that was closed has stored", TIMEOUT, async (t) => {
  const { context, script, tab } = await open(t);
  const page = await tab("idle");
  await page.evaluate(async (script) => {
    await navigator.serviceWorker.register(script, { type: "module" });
    await navigator.serviceWorker.ready;
  }, script);
  const session = await browser.newBrowserCDPSession();
  const stopped = async () => {
    const { targetInfos } = await session.send("Target.getTargets");
    return !targetInfos.some(({ type, url }) => type === "service_worker" && url.startsWith(site.url));
  };
  const ofPage = await context.newCDPSession(page);
  await ofPage.send("ServiceWorker.enable");
  await ofPage.send("ServiceWorker.stopAllWorkers");
  while (!(await stopped()));
  // Only the service worker can send: this page's outbox is woken and does nothing.
  const uuids = await page.evaluate(() => {
    window.tools.wake({ drain: () => new Promise(() => {}) });
    return window.tools.post(1, 0, "sync");
  });
  await page.close();
  while (!(await arrived(uuids)));
});
