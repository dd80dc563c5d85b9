// The installed package in a page: the same rules, and posting across origins to the real inbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cases, read } from "../node/support/cases.js";
import { startFaultProxy } from "../node/support/fault-proxy.js";
import { startInbox } from "../node/support/inbox.js";
import { judge, stored } from "../node/support/judge.js";
import { options, storm, stormMessage } from "../node/support/storm.js";
import { openPage, startChromium } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

const [COUNT, THREADS] = process.env.FLOWDOCK_LONG ? [1_000, 100] : [200, 40];

let browser;
let inbox;
let site;

before(async () => {
  [browser, inbox, site] = await Promise.all([startChromium(), startInbox(), servePackage("'self' 'wasm-unsafe-eval'")]);
});

after(() => Promise.all([browser?.close(), inbox?.stop(), site?.stop()]));

test("a page under a Content-Security-Policy gives the same reports", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const reports = await page.evaluate(async (cases) => {
    const { validate } = await import("/index.js");
    return cases.map(({ message, options }) => validate(message, options));
  }, cases);
  assert.deepEqual(reports, read("reports.json").map(({ report }) => report));
  assert.deepEqual(page.mistakes, []);
});

test("a page posts to an inbox of another origin", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const { flow_token: flowToken, url: baseUrl } = inbox;
  const result = await page.evaluate(async (options) => {
    const { Client, chatMessage } = await import("/index.js");
    return new Client(options).post(chatMessage({ content: "from a page", external_thread_id: "page" }));
  }, { flowToken, baseUrl });
  assert.equal(result.kind, "accepted");
  assert.deepEqual((await inbox.get("/messages")).map(({ content, uuid }) => [content, uuid]), [["from a page", result.uuid]]);
  assert.deepEqual(page.mistakes, []);
});

test("a page posts files to an inbox of another origin", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const { flow_token: flowToken, url: baseUrl } = inbox;
  const odd = [...Array(256).keys(), 13, 10, 45, 45];
  const result = await page.evaluate(async ({ odd, ...options }) => {
    const { activity, Client } = await import("/index.js");
    const message = activity({
      author: "Doc", title: "x", body: '<img src="cid:odd">', external_thread_id: "files", thread: { title: "Files" },
    });
    const attachments = { odd: new File([Uint8Array.from(odd)], "Zürich \"ü\".bin") };
    return new Client(options).post(message, { attachments });
  }, { odd, flowToken, baseUrl });
  const { attachments: [file] } = (await inbox.get("/messages")).find(({ uuid }) => uuid === result.uuid);
  assert.deepEqual([file.file_name, file.content_id, file.file_size], ["Zürich \"ü\".bin", "odd", odd.length]);
  const response = await fetch(inbox.url + file.path, { headers: { authorization: `Bearer ${inbox.api_token}` } });
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], odd);
  assert.deepEqual(page.mistakes, []);
});

test("a redirect, of which a page sees nothing, is refused", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  await page.route("**/messages", (route) => route.fulfill({ status: 307, headers: { location: "/elsewhere" } }));
  const error = await page.evaluate(async (baseUrl) => {
    const { Client, chatMessage } = await import("/index.js");
    const client = new Client({ baseUrl, flowToken: "29991" });
    return client.post(chatMessage({ content: "x", external_thread_id: "1" })).catch((error) => ({ ...error }));
  }, site.url);
  assert.equal(error.code, "redirect_refused");
});

for (const rate of [0.2, 0.5]) {
  test(`a storm of ${COUNT} messages from a page, faults ${rate * 100} %`, async (t) => {
    const own = await startInbox();
    // Chromium sends a request once more by itself when a connection that it used before breaks, and tells nobody.
    const proxy = await startFaultProxy(own.url, { seed: 6, rate, keepAlive: false });
    try {
      const page = await openPage(browser);
      await page.goto(site.url);
      const client = JSON.stringify({ baseUrl: proxy.url, flowToken: own.flow_token, ...options });
      const results = await page.evaluate(`import("/index.js").then(({ Client }) => {
        ${stormMessage}
        ${storm}
        return storm(new Client(${client}), ${COUNT}, ${THREADS});
      })`);
      const row = judge(results, COUNT, await stored(own));
      assert.equal(proxy.seen.elsewhere, 0);
      assert.ok(row.delivered > COUNT * 0.9 && row.duplicates > 0);
      t.diagnostic(JSON.stringify(row));
    } finally {
      await Promise.all([own.stop(), proxy.stop()]);
    }
  });
}

test("where the policy forbids WebAssembly, the error says what is missing", async () => {
  const strict = await servePackage("'self'");
  try {
    const page = await openPage(browser);
    await page.goto(strict.url);
    const error = await page.evaluate(() => import("/index.js").catch(({ name, message }) => ({ name, message })));
    assert.equal(error.name, "FlowdockError");
    assert.match(error.message, /'wasm-unsafe-eval'/);
  } finally {
    await strict.stop();
  }
});
