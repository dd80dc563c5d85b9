// Storms on an outbox in IndexedDB: tabs, workers and whole browsers end while it sends through a proxy that injects faults.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { startFaultProxy } from "../node/support/fault-proxy.js";
import { startInbox } from "../node/support/inbox.js";
import { stored } from "../node/support/judge.js";
import { judgeOutbox } from "../node/support/outbox-judge.js";
import { launchOptions } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

/** How often something is ended: in the ordinary run, and in the long one. */
const times = (short, long) => (process.env.FLOWDOCK_LONG ? long : short);

/**
 * Declares a storm. `run` resolves to the uuids that were promised.
 *
 * @param {string} name
 * @param {(storm: Awaited<ReturnType<typeof prepare>>) => Promise<string[]>} run
 * @param {{ rate?: number, host?: string }} [options] `rate` is that of the faults.
 */
function storm(name, run, options) {
  test(name, { timeout: 600_000 }, async (t) => {
    const storm = await prepare(options);
    try {
      const promised = await run(storm);
      const row = judgeOutbox(promised, await stored(storm.inbox));
      t.diagnostic(JSON.stringify({ ...row, requests: storm.proxy.seen.posts }));
    } finally {
      await storm.stop();
    }
  });
}

async function prepare({ rate = 0.2, host = "127.0.0.1" } = {}) {
  const inbox = await startInbox();
  // Without the faults that refuse a message for good: each message must arrive.
  const proxy = await startFaultProxy(inbox.url, { seed: 1, rate, keepAlive: false, without: /^400|redirect/ });
  const site = await servePackage("'self' 'wasm-unsafe-eval'");
  const profile = await mkdtemp(join(tmpdir(), "flowdock-outbox-"));
  const origin = site.url.replace("127.0.0.1", host);
  const query = new URLSearchParams({ baseUrl: proxy.url, flowToken: inbox.flow_token });
  const script = `/outbox-page.js?${query}`;
  const launch = () =>
    chromium.launchPersistentContext(profile, {
      ...launchOptions,
      args: [...launchOptions.args, `--host-resolver-rules=MAP ${host} 127.0.0.1`],
    });

  const storm = {
    inbox,
    proxy,
    script,
    context: await launch(),

    /** Opens a tab with an outbox. With the role `idle` it sends nothing. */
    async tab(role = "") {
      const page = await storm.context.newPage();
      await page.goto(origin);
      await page.evaluate((script) => import(script), `${script}&role=${role}`);
      return page;
    },

    /** Waits until the outbox has nothing left. */
    empty: (page) => page.evaluate(() => window.tools.empty()),

    /** Kills the whole browser, as a crash or a power button does, and starts another one with the same profile. */
    async killBrowser() {
      const session = await storm.context.browser().newBrowserCDPSession();
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      const closed = storm.context.waitForEvent("close");
      process.kill(processInfo.find(({ type }) => type === "browser").id, "SIGKILL");
      await closed;
      storm.context = await launch();
    },

    async stop() {
      await storm.context.close();
      await Promise.all([inbox.stop(), proxy.stop(), site.stop(), rm(profile, { recursive: true, force: true })]);
    },
  };
  return storm;
}

const post = (page, ...given) => page.evaluate((given) => window.tools.post(...given), given);

storm("a tab is closed in the midst of sending", async ({ proxy, tab, empty }) => {
  const promised = [];
  for (let time = 0; time < times(6, 20); time += 1) {
    const page = await tab("idle");
    promised.push(...(await post(page, 20, time * 20)));
    const some = proxy.posts(1 + (time % 7));
    await page.evaluate(() => window.tools.wake());
    await some;
    await page.close();
  }
  await empty(await tab());
  return promised;
});

/** Two tabs that post at the same time. */
async function twoTabs({ tab, empty }) {
  const tabs = [await tab(), await tab()];
  const promised = await Promise.all(tabs.map((page, index) => post(page, 40, 0, `tab ${index}`)));
  await Promise.all(tabs.map(empty));
  return promised.flat();
}

for (const [what, host] of [
  ["one of them sends", "127.0.0.1"],
  ["leases keep them apart where a page without https has no locks", "insecure.test"],
]) {
  storm(
    `two tabs at once: ${what}`,
    async (storm) => {
      const page = await storm.tab();
      assert.equal(await page.evaluate(() => Boolean(navigator.locks)), host === "127.0.0.1");
      const promised = await twoTabs(storm);
      assert.equal(storm.proxy.seen.posts, promised.length, "each message is sent once");
      return promised;
    },
    { rate: 0, host },
  );
}

storm("a tab is closed while another one waits for its turn", async ({ proxy, tab, empty }) => {
  const first = await tab();
  const second = await tab();
  const some = proxy.posts(5);
  const promised = await post(first, 40, 0);
  await some;
  await first.close();
  await empty(second);
  return promised;
});

storm("the whole browser is killed as soon as posts have resolved", async (storm) => {
  const promised = [];
  for (let time = 0; time < times(3, 8); time += 1) {
    const page = await storm.tab("idle");
    promised.push(...(await post(page, 10, time * 10)));
    await storm.killBrowser();
  }
  await storm.empty(await storm.tab());
  return promised;
});

storm("a service worker is stopped in the midst of sending", async ({ context, proxy, script, tab, empty }) => {
  const page = await tab("idle");
  const session = await context.newCDPSession(page);
  await session.send("ServiceWorker.enable");
  await page.evaluate(async (script) => {
    await navigator.serviceWorker.register(script, { type: "module" });
    await navigator.serviceWorker.ready;
  }, script);
  const promised = [];
  for (let time = 0; time < times(6, 20); time += 1) {
    const some = proxy.posts(1 + (time % 7));
    const uuids = await page.evaluate(
      async (given) => {
        const { active } = await navigator.serviceWorker.ready;
        const answered = new Promise((resolve) => {
          navigator.serviceWorker.onmessage = resolve;
        });
        active.postMessage({ post: given });
        return (await answered).data.uuids;
      },
      [20, time * 20],
    );
    promised.push(...uuids);
    await some;
    await session.send("ServiceWorker.stopAllWorkers");
  }
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active.postMessage({}));
  await empty(page);
  return promised;
});

storm("the clock is set back an hour while messages wait for their next try", async ({ proxy, tab, empty }) => {
  const page = await tab();
  const setClock = (ms) => page.evaluate((ms) => window.tools.setClock(ms), ms);
  proxy.state.down = true;
  const some = proxy.posts(20);
  const promised = await post(page, 40, 0);
  await some;
  await setClock(-3_600_000);
  proxy.state.down = false;
  // New threads do not wait. Those whose first message is due in an hour keep their order.
  promised.push(...(await post(page, 20, 0, "new")), ...(await post(page, 20, 40)));
  const arrived = async () => (await page.evaluate(() => window.tools.outbox.count("source"))) <= 60;
  while (!(await arrived()));
  await setClock(0);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await empty(page);
  return promised;
});
