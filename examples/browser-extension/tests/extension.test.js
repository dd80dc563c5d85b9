// The extension in Chromium with the real inbox.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { startInbox, startStoredInbox } from "../../../tests/node/support/inbox.js";
import { startChromium } from "./support/chromium.js";

const TITLE = `<script>alert("1")</script> & Söhne`;

let chromium;
let inbox;
let site;
let page;

before(async () => {
  // Pages of another site with a hostile title. Its server allows requests from every origin; the path /503/ fails.
  site = createServer((request, response) => {
    const [, status] = /^\/(\d{3})\//.exec(request.url) ?? [];
    const all = {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "*",
    };
    const isPreflight = request.method === "OPTIONS";
    response.writeHead(isPreflight ? 200 : Number(status ?? 200), {
      "content-type": "text/html; charset=utf-8",
      ...all,
    });
    response.end(`<!doctype html><title>${TITLE.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</title>`);
  }).listen(0, "127.0.0.1");
  [chromium, inbox] = await Promise.all([startChromium(), startInbox(), once(site, "listening")]);
  page = await chromium.context.newPage();
});

after(async () => {
  await Promise.all([chromium?.stop(), inbox?.stop()]);
  site.closeAllConnections();
  site.close();
});

beforeEach(() => page.goto(`${siteUrl()}/article?a=1&b=2#part`));

const siteUrl = () => `http://127.0.0.1:${site.address().port}`;

/** Fills in the options, saves them, and returns the text and the kind of the outcome, with the problem at the field in focus. */
async function setOptions({ baseUrl = inbox.url, flowToken = inbox.flow_token, name = "Marty" }) {
  const options = await chromium.context.newPage();
  await options.goto(chromium.optionsUrl);
  for (const [id, value] of [
    ["base-url", baseUrl],
    ["flow-token", flowToken],
    ["name", name],
  ]) {
    await options.locator(`#${id}`).fill(value);
  }
  await options.getByRole("button", { name: "Save" }).click();
  const outcome = options.locator("#outcome[data-kind]:not([data-kind=pending])");
  await outcome.waitFor();
  const said = await outcome.innerText();
  const kind = await outcome.getAttribute("data-kind");
  await options.locator("#save:enabled").waitFor();
  const marked = await options.locator("[aria-invalid=true]").evaluateAll((inputs) =>
    inputs.map((input) => {
      const problem = document.getElementById(`${input.id}-problem`)?.innerText;
      return `${input.id}${input === document.activeElement ? "" : " without focus"}: ${problem}`;
    }),
  );
  await options.close();
  return { said, kind, ...(marked.length > 0 && { at: marked.join() }) };
}

/** Makes a source. Returns its flow token and a function that removes it. */
async function makeSource() {
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: "Extension", application: 1 });
  const made = await fetch(`${inbox.flowUrl}/sources`, { method: "POST", headers, body });
  const { url, flow_token: flowToken } = await made.json();
  const remove = async () => assert.equal((await fetch(url, { method: "DELETE", headers })).status, 204);
  return { flowToken, remove };
}

const SAVED = { said: "Saved. The server knows the flow token.", kind: "shared" };

const stored = () => chromium.worker.evaluate(() => chrome.storage.local.get(["baseUrl", "flowToken", "name"]));

/** Stores options without a test, as if they had worked when they were saved. */
const keep = (settings) => chromium.worker.evaluate((settings) => chrome.storage.local.set(settings), settings);

/** Shares the page with the popup, and returns the popup's state afterwards. */
async function share(comment, kind) {
  const popup = await (await chromium.openPopup(page)).ready();
  await popup.fill("comment", comment);
  await popup.click("submit");
  const said = await popup.outcome(kind);
  const after = { said, comment: await popup.value("comment"), isDisabled: await popup.isDisabled("submit") };
  await popup.close();
  return after;
}

test("without options the popup says what to do, and opens the options", async () => {
  const popup = await (await chromium.openPopup(page)).ready();
  assert.match(await popup.first(), /^Where to\?\s+Before you can share a page/);
  assert.equal(await popup.isShown("share"), false);
  const opened = chromium.context.waitForEvent("page");
  await popup.click("first-options");
  const options = await opened;
  assert.equal(options.url(), chromium.optionsUrl);
  await options.close();
});

test("the extension has icons, each of its size and smaller than 2 KB", async () => {
  const manifest = await chromium.worker.evaluate(() => chrome.runtime.getManifest());
  const options = await chromium.context.newPage();
  await options.goto(chromium.optionsUrl);
  for (const [size, file] of Object.entries({ ...manifest.icons, ...manifest.action.default_icon })) {
    const found = await options.evaluate(async (file) => {
      const blob = await (await fetch(file)).blob();
      const { width, height } = await createImageBitmap(blob);
      return { width, height, bytes: blob.size };
    }, file);
    assert.deepEqual([found.width, found.height], [Number(size), Number(size)], file);
    assert.ok(found.bytes < 2048, `${file}: ${found.bytes} bytes`);
  }
  assert.deepEqual(Object.keys(manifest.icons), ["16", "32", "48", "128"]);
  await options.close();
});

test("a pasted address with a flow token fills in both", async () => {
  const options = await chromium.context.newPage();
  await options.goto(chromium.optionsUrl);
  await options.locator("#base-url").fill(`${inbox.url}/#flow_token=f1&api_token=a1&organization=example`);
  assert.deepEqual(
    await options.locator("input").evaluateAll((inputs) => inputs.map((input) => /** @type {any} */ (input).value)),
    [inbox.url, "f1", ""],
  );
  assert.equal(await options.locator("#outcome").innerText(), "The flow token is filled in as well.");
  assert.equal(await options.locator("#name:focus").count(), 1);
  await options.close();
  assert.deepEqual(await stored(), {}, "nothing is saved before the user says so");
});

test("invalid options are refused without a request, and the field says why", async () => {
  const refused = { said: "Not saved.", kind: "problem" };
  const scheme = "The base URL must begin with https://, or with http:// on this machine.";
  for (const [options, at] of /** @type {[object, string][]} */ ([
    [{ baseUrl: "http://inbox.example.com" }, `base-url: ${scheme}`],
    [{ baseUrl: "somewhere" }, `base-url: ${scheme}`],
    [{ baseUrl: "javascript:alert(1)" }, `base-url: ${scheme}`],
    [{ baseUrl: " " }, "base-url: The base URL is missing."],
    [{ flowToken: "two words" }, "flow-token: A flow token is one word."],
    [{ flowToken: "" }, "flow-token: The flow token is missing."],
    [{ name: " " }, "name: Your name is missing."],
  ])) {
    assert.deepEqual(await setOptions(options), { ...refused, at });
  }
  assert.deepEqual(await stored(), {});
});

test("options that can never work are not saved, and the field says why", async () => {
  const { flowToken: removed, remove } = await makeSource();
  await remove();
  const unknown = "flow-token: The server does not know this flow token, or is no Flowdock inbox.";
  for (const [options, at] of /** @type {[object, string][]} */ ([
    [{ flowToken: "0123456789abcdef0123456789abcdef" }, unknown],
    [{ baseUrl: `${inbox.url}/elsewhere` }, unknown],
    [{ flowToken: removed }, "flow-token: Somebody removed this source from the flow, so its token no longer works."],
    [{ baseUrl: siteUrl() }, "base-url: What answers at this address is no Flowdock inbox."],
    [{ baseUrl: `${siteUrl()}/401` }, "base-url: The server wants a login that the extension does not have."],
  ])) {
    assert.deepEqual(await setOptions(options), { said: "Not saved.", kind: "problem", at });
  }
  assert.deepEqual(await stored(), {});
});

test("options that may work later are saved, and the page shows that they do not work yet", async () => {
  const baseUrl = `${siteUrl()}/503`;
  const said = "Saved, but it does not work yet.";
  assert.deepEqual(await setOptions({ baseUrl }), { said, kind: "problem", at: "base-url: The server failed (503)." });
  assert.deepEqual(await stored(), { baseUrl, flowToken: inbox.flow_token, name: "Marty" });
});

test("options that work are saved, and nothing appears in the flow", async () => {
  assert.deepEqual(await setOptions({}), SAVED);
  assert.deepEqual(await stored(), { baseUrl: inbox.url, flowToken: inbox.flow_token, name: "Marty" });
  assert.deepEqual(await inbox.get("/messages"), []);
  assert.deepEqual(await inbox.get("/threads"), []);
});

test("HTML in a page's title arrives as text, and a comment arrives in the page's thread", async () => {
  await setOptions({});
  const popup = await (await chromium.openPopup(page)).ready();
  assert.equal(await popup.value("title"), TITLE);
  await popup.close();
  assert.deepEqual(await share("", "shared"), { said: "Shared.", comment: "", isDisabled: true });
  await share("Great <b>Scott</b>!\nRead this.", "shared");

  const [thread, ...others] = await inbox.get("/threads");
  assert.deepEqual(others, []);
  const address = `${siteUrl()}/article?a=1&b=2`;
  assert.equal(thread.title, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; Söhne");
  assert.equal(thread.external_url, `${address}#part`);
  const [shared, commented] = await inbox.get("/messages");
  assert.deepEqual([shared.event, shared.author.name], ["activity", "Marty"]);
  assert.deepEqual(
    [commented.event, commented.body],
    ["discussion", "<p>Great &lt;b&gt;Scott&lt;/b&gt;!<br>Read this.</p>"],
  );

  // The text that a browser shows for the HTML.
  const shown = await page.evaluate((html) => {
    const element = document.createElement("p");
    element.innerHTML = html;
    return [element.childElementCount, element.textContent];
  }, thread.title);
  assert.deepEqual(shown, [0, TITLE]);
  assert.deepEqual(chromium.mistakes, []);
});

test("a page is shared again without a comment only if the user wants that", async () => {
  await setOptions({});
  await page.goto(`${siteUrl()}/again#top`);
  await share("", "shared");
  const { length } = await inbox.get("/messages");
  await page.goto(`${siteUrl()}/again#end`);
  const popup = await (await chromium.openPopup(page)).ready();
  await popup.click("submit");
  await popup.until(/^You have shared this page before\./);
  assert.equal((await inbox.get("/messages")).length, length, "nothing was posted");
  assert.equal(await popup.text("submit"), "Share again");
  await popup.fill("comment", "More");
  assert.equal(await popup.text("submit"), "Share");
  await popup.fill("comment", "");
  await popup.click("submit");
  assert.equal(await popup.outcome("shared"), "Shared.");
  await popup.close();
  assert.equal((await inbox.get("/messages")).length, length + 1);
  await share("A comment", "shared");
  assert.equal((await inbox.get("/messages")).length, length + 2, "a comment is never a repetition");

  const { flowToken } = await makeSource();
  await setOptions({ flowToken });
  await share("", "shared");
  assert.equal((await inbox.get("/messages")).length, length + 3, "nothing was shared with the other flow token yet");
});

const KEPT = "The page is kept, and shared as soon as that works.";

test("a wrong token gives a message in words, and the page is kept", async () => {
  await keep({ flowToken: "0123456789abcdef0123456789abcdef" });
  const { said, isDisabled } = await share("Not lost", "kept");
  assert.equal(said, `The server does not know this flow token, or is no Flowdock inbox. Check the options. ${KEPT}`);
  assert.equal(isDisabled, true);
  assert.ok((await inbox.get("/messages")).every(({ body }) => !body?.includes("Not lost")));
});

test("for a removed source the popup says so, and the extension forgets the token", async () => {
  const { flowToken, remove } = await makeSource();
  await setOptions({ flowToken });
  await share("", "shared");
  await remove();

  const { said } = await share("Still there?", "problem");
  assert.match(said, /^Somebody removed this source from the flow/);
  assert.deepEqual(await stored(), { baseUrl: inbox.url, name: "Marty" });
  const popup = await (await chromium.openPopup(page)).ready();
  assert.match(await popup.first(), /^A new flow token is needed/);
  await popup.close();
});

test("for a server that does not answer the popup says so, and the page is shared when the server is there again", async (t) => {
  const other = await startStoredInbox();
  t.after(() => other.stop());
  await other.restart(async () => {
    const unreachable = {
      said: "Saved, but it does not work yet.",
      kind: "problem",
      at: "base-url: The server cannot be reached.",
    };
    assert.deepEqual(await setOptions({ baseUrl: other.url, flowToken: other.flow_token }), unreachable);
    const { said, isDisabled } = await share("", "kept");
    assert.equal(said, `The server cannot be reached. ${KEPT}`);
    assert.equal(isDisabled, true);
  });
  while ((await other.get("/messages")).length === 0);
});

test("the browser's own pages cannot be shared", async () => {
  await setOptions({});
  await page.goto("chrome://version/");
  const popup = await (await chromium.openPopup(page)).ready();
  assert.equal(await popup.outcome("problem"), "Only pages of the web can be shared.");
  assert.equal(await popup.isDisabled("submit"), true);
  await popup.close();
});
