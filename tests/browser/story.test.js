// The whole story of the page, as one person lives it: from the first run to the second tab. It is played in narrow, middle and wide windows,
// light and dark. Each step leaves a picture in the folder that FLOWDOCK_PICTURES names, to be looked at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "flowdock-integration";
import { startStoredInbox } from "../node/support/inbox.js";
import { axeViolations } from "./support/axe.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn } from "./support/demo-page.js";
import { startService } from "./support/service.js";
import { drawn, underlined } from "./support/try-page.js";

let browser;

before(async () => {
  browser = await startChromium();
});

after(() => browser?.close());

for (const width of [360, 1024, 1440]) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    // axe takes longer than the story. What it judges differs between narrow and wide, and between light and dark.
    const isJudged = width === (colorScheme === "light" ? 1440 : 360);
    test(`the whole story, ${width} px, ${colorScheme}`, (t) => play(t, { width, colorScheme, isJudged }));
  }
}

async function play(t, { width, colorScheme, isJudged }) {
  const [inbox, service] = await Promise.all([startStoredInbox("--www", process.env.FLOWDOCK_PAGE), startService()]);
  // The page's policy forbids the script of axe.
  const settings = { viewport: { width, height: 800 }, colorScheme, bypassCSP: true };
  const context = await browser.newContext(settings);
  t.after(() => Promise.all([context.close(), inbox.stop(), service.stop()]));
  const page = await openPage(context);
  const isNarrow = width < 720;
  const row = (hasText) => page.locator(".thread-row", { hasText });
  const toInbox = async () => {
    if (isNarrow) await page.locator(".back").click();
  };

  let step = 0;
  /** Takes a picture, and checks what holds for each: nothing is wider than the window. Some are judged by axe as well. */
  const look = async (name) => {
    step += 1;
    await drawn(page);
    const folder = process.env.FLOWDOCK_PICTURES;
    const file = `${width}-${colorScheme}-${String(step).padStart(2, "0")}-${name}.png`;
    if (folder) await page.screenshot({ path: `${folder}/${file}` });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, name);
    if (isJudged) assert.deepEqual(await axeViolations(page), [], name);
  };

  await openSignedIn(page, inbox);
  await page.locator("#try-example").waitFor();
  await look("first-run");

  await page.locator("#try-example").click();
  await page.locator("#verdict", { hasText: "Ready to post" }).waitFor();
  await look("try");
  await page.locator("#title").fill("<b>updated</b> ticket");
  await page.locator("#verdict[data-severity=error]").waitFor();
  assert.deepEqual(await underlined(page, "error"), ["<b>"]);
  await look("error");
  await page.locator("#title").fill("updated ticket");
  await page.locator("#post[aria-disabled=false]").click();
  await page.locator("#outcome[data-outcome=accepted]").waitFor();
  await look("posted");
  await page.goBack();
  await row("Polish the flux capacitor").click();
  await page.locator(".pane li[data-message-id]").waitFor();
  await look("thread");

  await page.locator("#comment").fill("It looks fine to me.");
  await page.locator("#comment").press("Control+Enter");
  await page.locator(".pane .content", { hasText: "It looks fine" }).waitFor();
  const client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
  const target = { "@type": "EntryPoint", urlTemplate: `${service.url}/close`, httpMethod: "POST" };
  await client.post({
    event: "discussion",
    author: { name: "Doc" },
    title: "asked for a decision",
    body: `<p>Under the dust it is in <em>good</em> shape.</p><pre>${"x".repeat(200)}</pre>`,
    external_thread_id: "1234567",
    thread: {
      title: "Polish the flux capacitor",
      status: { value: "in review", color: "yellow" },
      fields: [{ label: "Dustiness", value: "5 - severe" }],
      external_url: "https://example.com/tickets/1234567",
      actions: [{ "@type": "UpdateAction", name: "Close", target }],
    },
  });
  service.answer = { status: 401, headers: { "www-authenticate": `Flowdock-Token url=${service.url}/login` } };
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator(".action-outcome[data-outcome=login]", { hasText: "Log in at" }).waitFor();
  await look("log-in");
  service.answer = { status: 200 };
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator(".action-outcome[data-outcome=done]").waitFor();
  await look("action-done");

  await toInbox();
  await page.getByRole("link", { name: "Integrations" }).click();
  await page.getByRole("button", { name: "Remove Example source" }).click();
  await page.getByRole("dialog").waitFor();
  await look("remove-source");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await page.locator("#sources li").waitFor({ state: "detached" });
  await look("no-source");
  await page.locator("#open-try").click();
  await page.locator("#post[aria-disabled=false]").click();
  await page.locator("#outcome[data-outcome=failed]", { hasText: "410" }).waitFor();
  await look("source-removed");

  await page.goto(`${inbox.url}/`);
  await row("Polish the flux capacitor").waitFor();
  await inbox.restart(async () => {
    await page.locator(".banner").waitFor();
    await look("no-answer");
  });
  await page.getByRole("button", { name: "Try now" }).click();
  await page.locator("#stream-state[data-state=live]").waitFor();
  const second = await openPage(context);
  await second.goto(`${inbox.url}/`);
  await second.locator(".thread-row", { hasText: "Polish the flux capacitor" }).waitFor();
  const comment = { event: "message", content: "And one more thing" };
  const [{ id }] = await inbox.get("/threads");
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const url = `${inbox.flowUrl}/threads/${id}/messages`;
  assert.equal((await fetch(url, { method: "POST", headers, body: JSON.stringify(comment) })).status, 202);
  for (const tab of [page, second])
    await tab.locator(".thread-row .words", { hasText: "And one more thing" }).waitFor();
  await look("second-tab");
}
