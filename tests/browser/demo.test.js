// The demo page, served by the real inbox and used as a person would use it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { activity, Client } from "flowdock-integration";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn } from "./support/demo-page.js";

let browser;
let inbox;
let page;

before(async () => {
  [browser, inbox] = await Promise.all([startChromium(), startInbox("--www", process.env.FLOWDOCK_PAGE)]);
});

after(() => Promise.all([browser?.close(), inbox?.stop()]));

beforeEach(async () => {
  page = await openPage(browser);
  await openSignedIn(page, inbox);
});

const violations = () =>
  page.locator("#report li").evaluateAll((lines) => lines.map(({ dataset }) => [dataset.code, dataset.path]));

test("the page starts with the guide's example in the form, without violations", async () => {
  assert.equal(await page.locator("#thread-title").inputValue(), "Polish the flux capacitor");
  assert.deepEqual(await violations(), []);
  const body = JSON.parse(await page.locator("#json").innerText());
  assert.equal(body.thread.status.color, "green");
  assert.equal(body.flow_token, undefined);
  assert.equal(await page.locator("#post").isEnabled(), true);
  assert.deepEqual(page.mistakes, []);
});

test("violations are shown while the user types, and disable the post button", async () => {
  await page.locator("#title").fill("<b>updated</b> ticket");
  await page.locator("#external-thread-id").fill("");
  await page.locator("#report li").nth(1).waitFor();
  assert.deepEqual(await violations(), [
    ["html_tag_not_allowed", "/title"],
    ["required_one_of", ""],
  ]);
  assert.equal(await page.locator("#post").isDisabled(), true);
  await page.locator("#title").fill("updated ticket");
  await page.locator("#external-thread-id").fill("1");
  await page.locator("#post:enabled").waitFor();
  assert.deepEqual(await violations(), []);
});

test("a violation in JSON text is shown and selected where it stands", async () => {
  await page.locator("label", { hasText: "As JSON" }).click();
  const editor = page.locator("#json-text");
  const selected = () => editor.evaluate((text) => text.value.slice(text.selectionStart, text.selectionEnd));
  await editor.fill(
    '{\n  "event": "message",\n  "content": "x",\n  "thread": { "title": "<b>x</b>" },\n  "tag": "a",\n}',
  );
  assert.deepEqual(await violations(), [["invalid_json", ""]]);
  assert.match(await page.locator("#json-error").innerText(), /^Line 6, column 1: is no JSON/);
  assert.equal(await page.locator("#post").isDisabled(), true);
  await editor.fill(
    '{\n  "event": "message",\n  "content": "x",\n  "thread": { "title": "<b>x</b>" },\n  "tag": "a"\n}',
  );
  assert.equal(await page.locator("#json-error").isHidden(), true);
  assert.match(await page.locator("#report li[data-path='/tag']").innerText(), /5:3/);
  await page.locator("#report li[data-path='/thread/title'] button").click();
  assert.equal(await selected(), "<b>");
  await page.locator("#report li[data-path='/tag'] button").click();
  assert.equal(await selected(), '"tag": "a"');
  assert.deepEqual(page.mistakes, []);
});

test("two posts for one item show one thread with the newest state and two messages, without a reload", async () => {
  await page.locator("#post").click();
  const card = page.locator("#threads article", { hasText: "Polish the flux capacitor" });
  await card.locator("li[data-message-id]").nth(0).waitFor();
  assert.match(await card.innerText(), /open/);
  await page.locator("#title").fill("closed ticket");
  await page.locator("#status-value").fill("closed");
  await page.locator("#status-color").selectOption("grey");
  await page.locator("#post:enabled").click();
  await card.locator("li[data-message-id]").nth(1).waitFor();
  assert.equal(await page.locator("#threads article").count(), 1);
  assert.match(await card.innerText(), /closed ticket/);
  const [thread] = await inbox.get("/threads");
  assert.deepEqual([thread.status.color, thread.activities], ["grey", 2]);
  assert.equal(await card.getAttribute("data-thread-id"), thread.id);
});

test("a chat message without a thread gives a warning, and is shown in the flow's own card", async () => {
  await page.locator("#example-chat").click();
  await page.locator("#external-thread-id").fill("");
  const warning = page.locator("#report li[data-severity=warning]");
  await warning.waitFor();
  assert.deepEqual(await violations(), [["required_one_of", ""]]);
  await page.locator("#post:enabled").click();
  const card = page.locator("#threads article:not([data-thread-id])");
  await card.locator("li[data-message-id]").waitFor();
  assert.match(await card.innerText(), /The flow itself[\s\S]*1\.21 gigawatts\?/);
  assert.equal(await page.locator("#news").innerText(), "New message in The flow itself");

  // A second message appears in the same card. A thread that changes later is shown before that card, also after a reload.
  const { url: baseUrl, flow_token: flowToken } = inbox;
  const client = new Client({ baseUrl, flowToken });
  await client.post({ event: "message", content: "It must be a Tuesday", external_user_name: "Emmett" });
  await card.locator("li[data-message-id]").nth(1).waitFor();
  await client.post({
    event: "message",
    content: "In a thread",
    external_thread_id: "tuesday",
    thread: { title: "Tuesday" },
  });
  const first = page.locator("#threads article").first();
  await first.filter({ hasText: "In a thread" }).waitFor();
  await page.reload();
  await page.locator("#stream-state[data-state=live]").waitFor();
  assert.match(await first.innerText(), /In a thread/);
  assert.equal(await card.locator("li[data-message-id]").count(), 2);
  // The avatars of earlier messages cannot be loaded from here.
  assert.deepEqual(
    page.mistakes.filter((mistake) => !mistake.startsWith("Failed to load resource")),
    [],
  );
});

test("the search shows the messages that the inbox finds, in place of the threads", async () => {
  const client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
  for (const content of ["the hoverboard is pink", "a pink Cadillac"]) {
    await client.post({ event: "message", content, external_user_name: "Biff" });
  }
  const comment = { method: "POST", headers: { authorization: `Bearer ${inbox.api_token}` } };
  comment.headers["content-type"] = "application/json";
  comment.body = JSON.stringify({ event: "message", content: "pink it <b>was</b>" });
  assert.equal((await fetch(`${inbox.flowUrl}/messages`, comment)).status, 202);
  const found = page.locator("#found li[data-message-id]");
  const words = page.locator("#search-words");
  await words.fill("PINK");
  await words.press("Enter");
  await found.nth(2).waitFor();
  assert.deepEqual(await found.locator(".content").allInnerTexts(), [
    "pink it <b>was</b>",
    "a pink Cadillac",
    "the hoverboard is pink",
  ]);
  assert.deepEqual(await found.locator("b").allInnerTexts(), ["Owner", "Biff", "Biff"]);
  assert.equal(await page.locator("#threads").isVisible(), false);
  await words.fill("pink hoverboard");
  await words.press("Enter");
  await page.locator("#found-status", { hasText: "1 message found" }).waitFor();
  await words.fill("no such word");
  await words.press("Enter");
  await page.locator("#found-status", { hasText: "0 messages found" }).waitFor();
  await words.fill("");
  await page.locator("#threads article").first().waitFor();
  assert.equal(await found.count(), 0);
  // The avatars of earlier messages cannot be loaded from here.
  assert.deepEqual(
    page.mistakes.filter((mistake) => !mistake.startsWith("Failed to load resource")),
    [],
  );
});

test("files are shown as pictures in the body that names them, and otherwise in a list", async () => {
  const png = Uint8Array.from(
    atob("iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAEElEQVR4nGP436CAjBgI8AFU9xhSp50L1gAAAABJRU5ErkJggg=="),
    (c) => c.charCodeAt(0),
  );
  const client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
  const message = activity({
    author: "Doc",
    title: "took a picture",
    body: '<p><img src="cid:clock" alt="the clock"> <img src="cid:page" alt="no picture"></p>',
    external_thread_id: "files",
    thread: { title: "Clock tower", body: '<img src="cid:clock" alt="in no message">' },
  });
  await client.post(message, {
    attachments: {
      clock: new File([png], "clock.png", { type: "image/png" }),
      page: new File(["<script>alert(1)</script>"], "page.html", { type: "text/html" }),
      notes: new File([new Uint8Array(2048)], "Zürich <b>.txt", { type: "text/plain" }),
    },
  });
  // A poster's own descriptions of files that the inbox does not store. The page must not request such files.
  const elsewhere = { file_name: "x", file_size: 1, path: ".example.com/files/x" };
  const claimed = [
    { content_id: "clock", content_type: "image/png", ...elsewhere },
    { content_id: "other", ...elsewhere },
  ];
  await client.post({ ...message, attachments: claimed });
  const card = page.locator("#threads article", { hasText: "Clock tower" });
  await card.locator("li[data-message-id]").nth(1).waitFor();
  const [first, second] = await card.locator("li[data-message-id]").all();
  await page.waitForFunction(() => {
    /** @type {HTMLImageElement} */
    const picture = document.querySelector("#threads img[alt='the clock']");
    return picture?.naturalWidth === 5;
  });
  assert.equal(await card.locator("img").count(), 1);
  assert.match(await first.innerText(), /no picture/);
  assert.match(await second.innerText(), /the clock no picture/);
  assert.equal(await second.locator(".files").count(), 0);
  assert.deepEqual(await first.locator(".files li").allInnerTexts(), ["page.html 25 bytes", "Zürich <b>.txt 2.0 KB"]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    first.locator(".files button", { hasText: "Zürich" }).click(),
  ]);
  assert.equal((await readFile(await download.path())).length, 2048);
  // The avatars of other messages cannot be loaded from here.
  assert.deepEqual(
    page.mistakes.filter((text) => !text.includes("ERR_NAME_NOT_RESOLVED")),
    [],
  );
});

test("HTML of other people builds only allowed elements in the page", async () => {
  const message = {
    flow_token: inbox.flow_token,
    event: "activity",
    title: '<a href="https://example.com">linked</a>',
    author: { name: "<img src=x onerror=alert(1)>" },
    external_thread_id: "html",
    thread: { title: "Careful", body: "<p>A <b>body</b></p>", fields: [{ label: "a", value: "" }] },
  };
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${inbox.url}/messages`, { method: "POST", headers, body: JSON.stringify(message) });
  assert.equal(response.status, 202);
  const card = page.locator("#threads article", { hasText: "Careful" });
  await card.locator("b", { hasText: "body" }).waitFor();
  assert.equal(await card.locator("a", { hasText: "linked" }).getAttribute("href"), "https://example.com");
  assert.equal(await card.locator("img[src=x]").count(), 0);
  assert.match(await card.innerText(), /<img src=x onerror=alert\(1\)>/);
});
