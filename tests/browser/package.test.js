// The installed package in a page: its reports, and posting across origins to the real inbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cases, read } from "../node/support/cases.js";
import { startInbox } from "../node/support/inbox.js";
import { storm, stormMessage } from "../node/support/storm.js";
import { storms } from "../node/support/storms.js";
import { openPage, startChromium } from "./support/chromium.js";
import { servePackage } from "./support/serve.js";

let browser;
let inbox;
let site;

before(async () => {
  [browser, inbox, site] = await Promise.all([
    startChromium(),
    startInbox(),
    servePackage("'self' 'wasm-unsafe-eval'"),
  ]);
});

after(() => Promise.all([browser?.close(), inbox?.stop(), site?.stop()]));

test("the package gives the expected reports in a page with a Content-Security-Policy", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const reports = await page.evaluate(async (cases) => {
    const { validate } = await import("/index.js");
    return cases.map(({ message, options }) => validate(message, options));
  }, cases);
  assert.deepEqual(
    reports,
    read("reports.json").map(({ report }) => report),
  );
  assert.deepEqual(page.mistakes, []);
});

test("a post that connect-src forbids fails at once, with the browser's error as its cause", async () => {
  const strict = await servePackage("'self' 'wasm-unsafe-eval'", "'self'");
  try {
    const page = await openPage(browser);
    await page.goto(strict.url);
    const failed = await page.evaluate(
      async (options) => {
        const { Client, chatMessage } = await import("/index.js");
        let attempts = 0;
        const hooks = { onAttempt: () => (attempts += 1) };
        const post = new Client({ ...options, hooks }).post(chatMessage({ content: "x", external_thread_id: "1" }));
        return post.catch(({ code, cause, maybeDuplicate }) => [
          code,
          attempts,
          maybeDuplicate,
          cause instanceof TypeError && cause.message,
        ]);
      },
      { flowToken: inbox.flow_token, baseUrl: inbox.url },
    );
    assert.deepEqual(failed, ["network", 1, false, "Failed to fetch"]);
  } finally {
    await strict.stop();
  }
});

test("a page posts to an inbox of another origin", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const { flow_token: flowToken, url: baseUrl } = inbox;
  const result = await page.evaluate(
    async (options) => {
      const { Client, chatMessage } = await import("/index.js");
      return new Client(options).post(chatMessage({ content: "from a page", external_thread_id: "page" }));
    },
    { flowToken, baseUrl },
  );
  assert.equal(result.kind, "accepted");
  assert.deepEqual(
    (await inbox.get("/messages")).map(({ content, uuid }) => [content, uuid]),
    [["from a page", result.uuid]],
  );
  assert.deepEqual(page.mistakes, []);
});

test("a page posts files to an inbox of another origin", async () => {
  const page = await openPage(browser);
  await page.goto(site.url);
  const { flow_token: flowToken, url: baseUrl } = inbox;
  const odd = [...Array(256).keys(), 13, 10, 45, 45];
  const result = await page.evaluate(
    async ({ odd, ...options }) => {
      const { activity, Client } = await import("/index.js");
      const message = activity({
        author: "Doc",
        title: "x",
        body: '<img src="cid:odd">',
        external_thread_id: "files",
        thread: { title: "Files" },
      });
      const attachments = { odd: new File([Uint8Array.from(odd)], 'Zürich "ü".bin') };
      return new Client(options).post(message, { attachments });
    },
    { odd, flowToken, baseUrl },
  );
  const {
    attachments: [file],
  } = (await inbox.get("/messages")).find(({ uuid }) => uuid === result.uuid);
  assert.deepEqual([file.file_name, file.content_id, file.file_size], ['Zürich "ü".bin', "odd", odd.length]);
  const response = await fetch(inbox.url + file.path, { headers: { authorization: `Bearer ${inbox.api_token}` } });
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], odd);
  assert.deepEqual(page.mistakes, []);
});

test("a redirect is refused, although a page cannot see its status", async () => {
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

// No keep-alive: when a reused connection breaks, Chromium repeats the request by itself without telling the page.
const plan = { short: [200, 40], long: [1_000, 100], seeds: [6], keepAlive: false };
storms("in a page", plan, async (options, count, threads) => {
  const page = await openPage(browser);
  await page.goto(site.url);
  return page.evaluate(`import("/index.js").then(({ Client }) => {
    ${stormMessage}
    ${storm}
    return storm(new Client(${JSON.stringify(options)}), ${count}, ${threads});
  })`);
});

test("in a page whose policy forbids WebAssembly, the error names the missing source expression", async () => {
  const strict = await servePackage("'self'");
  try {
    const page = await openPage(browser);
    await page.goto(strict.url);
    const errors = await page.evaluate(async () => {
      const { FlowdockApi, validate } = await import("/index.js");
      const calls = [() => validate({}), () => validate({}), () => new FlowdockApi({ baseUrl: "https://a.example" })];
      return Promise.all(
        calls.map((call) =>
          Promise.resolve()
            .then(call)
            .catch(({ name, code, message }) => ({ name, code, message })),
        ),
      );
    });
    for (const { name, code, message } of errors) {
      assert.deepEqual([name, code], ["FlowdockError", "wasm_unavailable"]);
      assert.match(message, /'wasm-unsafe-eval'/);
    }
    const answers = await page.evaluate(async () => {
      const helpers = await import("/index.js");
      return [
        helpers.escapeHtml("<"),
        helpers.readSetupUri("https://a.example/?flow=b").flow,
        helpers.readConfigurationUri("https://a.example/?flow=b&source=c").source,
        helpers.authenticationChallenge("https://a.example/").status,
      ];
    });
    assert.deepEqual(answers, ["&lt;", "b", "c", 401], "what needs no rules needs no WebAssembly");
  } finally {
    await strict.stop();
  }
});
