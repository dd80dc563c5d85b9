// The files of docs/outbox.md for browsers run as they are: in a page, in its service worker, and in an extension.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { startFaultProxy } from "../node/support/fault-proxy.js";
import { bundled, files } from "../node/support/guide.js";
import { startInbox } from "../node/support/inbox.js";
import { stored } from "../node/support/judge.js";
import { launchOptions } from "./support/chromium.js";

const guide = files(await readFile(new URL("../../docs/outbox.md", import.meta.url), "utf8"));
const PAGE = `<!doctype html><link rel=icon href=data:,>
  <form><input name=content><button>Send</button></form><output></output>
  <script type=module src=page.js></script>`;

const TIMEOUT = { timeout: 120_000 };

let inbox;
let proxy;
let site;
let folder;

const script = (name) => {
  const { code, loader } = guide.find((file) => file.name === name) ?? assert.fail(name);
  return bundled(code, { loader });
};

before(async () => {
  inbox = await startInbox();
  proxy = await startFaultProxy(inbox.url, { keepAlive: false });
  folder = await mkdtemp(join(tmpdir(), "flowdock-guide-"));
  const answers = {
    "/": ["text/html", PAGE],
    "/page.js": ["text/javascript", await script("page.js")],
    "/sw.js": ["text/javascript", await script("sw.js")],
    "/settings.json": ["application/json", JSON.stringify({ baseUrl: proxy.url, flowToken: inbox.flow_token })],
  };
  site = createServer(({ url }, response) => {
    const [type, body] = answers[url];
    response.writeHead(200, { "content-type": type }).end(body);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
});

after(async () => {
  site?.closeAllConnections();
  site?.close();
  await Promise.all([inbox?.stop(), proxy?.stop(), rm(folder, { recursive: true })]);
});

/** Waits until the inbox has a message with this content. */
async function arrived(content) {
  for (;;) {
    const found = (await stored(inbox)).filter((message) => message.content === content);
    if (found.length > 0) return assert.equal(found.length, 1);
  }
}

async function openPage(t) {
  const browser = await chromium.launch(launchOptions);
  t.after(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  const send = async (content) => {
    await page.locator("input").fill(content);
    await page.getByRole("button").click();
    await page.locator("output", { hasText: "kept" }).waitFor();
  };
  return { page, send };
}

test("a page keeps what the user sends", TIMEOUT, async (t) => {
  const { send } = await openPage(t);
  proxy.state.script.push("503");
  await send("from a page");
  await arrived("from a page");
});

test("a page is closed amid its request, and its service worker sends the message", TIMEOUT, async (t) => {
  const { page, send } = await openPage(t);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("sw.js");
    await navigator.serviceWorker.ready;
  });
  proxy.state.script.push("hang before");
  const some = proxy.posts(1);
  await send("from a closed page");
  await some;
  await page.close();
  await arrived("from a closed page");
});

test("an extension keeps what its pages send", TIMEOUT, async (t) => {
  const extension = join(folder, "extension");
  await mkdir(extension);
  const manifest = {
    manifest_version: 3,
    name: "Great Scott",
    version: "1.0",
    background: { service_worker: "service-worker.js", type: "module" },
    permissions: ["alarms", "storage", "unlimitedStorage"],
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
  };
  await writeFile(join(extension, "manifest.json"), JSON.stringify(manifest));
  await writeFile(join(extension, "service-worker.js"), await script("service-worker.js"));
  await writeFile(join(extension, "page.html"), "<!doctype html>");
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    ...launchOptions,
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [...launchOptions.args, `--load-extension=${extension}`],
  });
  t.after(() => context.close());
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const settings = { baseUrl: proxy.url, flowToken: inbox.flow_token };
  await worker.evaluate((settings) => chrome.storage.local.set(settings), settings);
  const page = await context.newPage();
  await page.goto(new URL("page.html", worker.url()).href);
  const answer = await page.evaluate(() =>
    chrome.runtime.sendMessage({ event: "message", content: "from an extension" }),
  );
  assert.equal(answer, "kept");
  await arrived("from an extension");
});
