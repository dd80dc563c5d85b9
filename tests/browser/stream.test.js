// How the page gets its messages: one stream for all tabs, outages, and what was missed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { activity, Client } from "flowdock-integration";
import { startStoredInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn } from "./support/demo-page.js";

let browser;

before(async () => {
  browser = await startChromium();
});

after(() => browser?.close());

/** Opens the page of an inbox that can be stopped and started again. */
async function open(t) {
  const inbox = await startStoredInbox("--www", process.env.FLOWDOCK_PAGE);
  const context = await browser.newContext();
  t.after(() => Promise.all([context.close(), inbox.stop()]));
  const client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
  const page = await openPage(context);
  let streams = 0;
  context.on("request", (request) => {
    if (request.resourceType() === "eventsource") streams += 1;
  });
  await openSignedIn(page, inbox);
  return {
    inbox,
    page,
    context,
    streams: () => streams,
    post: (item) =>
      client.post(
        activity({ author: "Marty", title: "updated", external_thread_id: item, thread: { title: `Ticket ${item}` } }),
      ),
    row: (hasText, tab = page) => tab.locator(".thread-row", { hasText }),
    state: (name, tab = page) => tab.locator(`#stream-state[data-state=${name}]`),
  };
}

test("all tabs of a browser share one stream, and another tab goes on when the first is closed", async (t) => {
  const { inbox, page, context, streams, post, row, state } = await open(t);
  const others = [];
  for (let tab = 0; tab < 8; tab += 1) {
    const other = await context.newPage();
    await other.goto(`${inbox.url}/`);
    await state("live", other).waitFor();
    others.push(other);
  }
  assert.equal(streams(), 1);
  await post("1");
  for (const other of others) await row("Ticket 1", other).waitFor();
  await page.close();
  await post("2");
  for (const other of others) await row("Ticket 2", other).waitFor();
  assert.equal(streams(), 2);
});

test("after an outage the page says since when, reconnects by itself and shows what it missed", async (t) => {
  const { inbox, page, post, row, state } = await open(t);
  await post("1");
  await row("Ticket 1").waitFor();
  await inbox.restart(async () => {
    await state("reconnecting").waitFor();
    await page.locator(".banner", { hasText: `No answer from ${inbox.url}` }).waitFor();
    assert.match(await page.locator(".banner").innerText(), /Last update/);
    assert.equal(await row("Ticket 1").count(), 1, "nothing is thrown away");
  });
  await post("2");
  await page.getByRole("button", { name: "Try now" }).click();
  await row("Ticket 2").waitFor();
  await state("live").waitFor();
  assert.equal(await page.locator(".banner").count(), 0);
});

test("what was missed while the stream was away is read again until it is there", async (t) => {
  const { inbox, page, post, row, state } = await open(t);
  await post("1");
  await row("Ticket 1").waitFor();
  let failures = 0;
  await page.route("**/messages?since_id=*", (route) => {
    failures += 1;
    return failures === 1 ? route.fulfill({ status: 500 }) : route.continue();
  });
  await inbox.restart(() => state("reconnecting").waitFor());
  await post("missed");
  await page.locator(".problem", { hasText: "500" }).waitFor();
  await post("after");
  await page.locator(".problem").getByRole("button", { name: "Try again" }).click();
  // The pointer is in the list, so that does not move by itself.
  await page.locator("#pending").click();
  await row("Ticket missed").waitFor();
  await row("Ticket after").waitFor();
  assert.equal(await page.locator(".problem").count(), 0);
});

test("impatient clicks open one stream", async (t) => {
  const { inbox, page, streams, state } = await open(t);
  const held = [];
  await page.route(inbox.flowUrl, (route) => {
    held.push(route);
  });
  await inbox.restart(() => state("reconnecting").waitFor());
  const before = streams();
  const tryNow = page.getByRole("button", { name: "Try now" });
  await tryNow.waitFor();
  for (let click = 0; click < 5; click += 1) await tryNow.click();
  await page.unroute(inbox.flowUrl);
  for (const route of held) await route.continue().catch(() => {});
  await state("live").waitFor();
  assert.equal(streams() - before, 1);
});
