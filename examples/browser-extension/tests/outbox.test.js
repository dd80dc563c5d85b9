// The service worker is ended while it shares pages: none is lost, none arrives twice, and all arrive in order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "../../../tests/node/support/fault-proxy.js";
import { startInbox } from "../../../tests/node/support/inbox.js";
import { stored } from "../../../tests/node/support/judge.js";
import { judgeOutbox } from "../../../tests/node/support/outbox-judge.js";
import { startChromium } from "./support/chromium.js";

const LONG = Boolean(process.env.FLOWDOCK_LONG);

/** Counts the messages in the extension's outbox, in one of its pages. */
async function waiting() {
  const resultOf = (request) =>
    new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
  const database = await resultOf(indexedDB.open("flowdock-outbox"));
  const count = await resultOf(database.transaction("entries").objectStore("entries").count());
  database.close();
  return count;
}

test("a service worker that is ended amid its work loses nothing", { timeout: 600_000 }, async (t) => {
  const [chromium, inbox] = await Promise.all([startChromium(), startInbox()]);
  // Without the faults that refuse a page for good, that hold the source for five minutes, and that take the client's ten seconds.
  const without = /^400|redirect|garbage body$|hang|never/;
  const proxy = await startFaultProxy(inbox.url, { seed: 1, rate: 0.2, keepAlive: false, without });
  t.after(() => Promise.all([chromium.stop(), inbox.stop(), proxy.stop()]));
  await chromium.worker.evaluate((settings) => chrome.storage.local.set(settings), {
    baseUrl: proxy.url,
    flowToken: inbox.flow_token,
    name: "Marty",
  });
  const page = await chromium.context.newPage();
  await page.goto(chromium.optionsUrl);
  // As the popup does. The comments are the numbers of the messages, ten threads.
  const share = (from, count) =>
    page.evaluate(
      async ([from, count]) => {
        const uuids = [];
        for (let number = from; number < from + count; number += 1) {
          const page = { title: "Page", url: `https://example.com/${number % 10}` };
          uuids.push((await chrome.runtime.sendMessage({ share: { page, comment: `${number}`, again: true } })).uuid);
        }
        return uuids;
      },
      [from, count],
    );
  const promised = [];
  for (let time = 0; time < (LONG ? 20 : 6); time += 1) {
    const some = proxy.posts(1 + (time % 7));
    promised.push(...(await share(time * 20, 20)));
    await some;
    await chromium.stopWorker();
  }
  const alarms = () => page.evaluate(async () => (await chrome.alarms.getAll()).map(({ name }) => name));
  assert.deepEqual(await alarms(), ["flowdock-outbox"], "the browser will start the worker by itself");
  // The ordinary run does not wait for that.
  if (!LONG) await page.evaluate(() => chrome.runtime.sendMessage({ outcome: "" }));
  while ((await page.evaluate(waiting)) > 0) await new Promise((resolve) => setTimeout(resolve, 100));

  const messages = (await stored(inbox)).map(({ uuid, thread_id, body }) => {
    const [, content] = /^<p>(\d+)<\/p>$/.exec(body);
    return { uuid, thread_id, content };
  });
  t.diagnostic(JSON.stringify({ ...judgeOutbox(promised, messages), requests: proxy.seen.posts }));
});
