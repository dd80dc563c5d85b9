// The inbox of the page, served by the real inbox and used as a person would use it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { activity, Client, discussion } from "flowdock-integration";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn } from "./support/demo-page.js";
import { drawn } from "./support/try-page.js";

let browser;
let inbox;
let page;
let client;

before(async () => {
  browser = await startChromium();
});

after(() => browser?.close());

beforeEach(async () => {
  inbox = await startInbox("--www", process.env.FLOWDOCK_PAGE);
  client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
  page = await openPage(await browser.newContext());
});

afterEach(async () => {
  await page.context().close();
  await inbox.stop();
});

const rows = () => page.locator(".thread-row");
const row = (hasText) => page.locator(".thread-row", { hasText });
const messages = () => page.locator(".pane li[data-message-id]");
const titles = () => rows().locator("strong").allInnerTexts();

/**
 * Posts an activity of an item, or a discussion if there is a body.
 *
 * @param {string} item
 * @param {any} [parts]
 */
const post = (item, { thread = {}, ...message } = {}) => {
  const build = message.body ? discussion : activity;
  const facts = { author: "Marty", title: "updated ticket", external_thread_id: item };
  return client.post(build({ ...facts, thread: { title: `Ticket ${item}`, ...thread }, ...message }));
};

/** The mistakes of the page, without pictures of authors, which cannot be loaded from here. */
const mistakes = () => page.mistakes.filter((text) => !text.includes("ERR_NAME_NOT_RESOLVED"));

test("an empty flow says what to do, and the first message arrives by itself", async () => {
  await openSignedIn(page, inbox);
  await page.locator("#try-example").waitFor();
  assert.match(await page.locator(".first-steps pre").innerText(), /^curl "\$FLOWDOCK_URL\/messages"/);
  await post("1");
  await rows().first().waitFor();
  assert.deepEqual(await titles(), ["Ticket 1"]);
  assert.equal(await page.locator(".first-steps").count(), 0);
  assert.deepEqual(mistakes(), []);
});

test("a thread is one row with its newest state, and opens beside the list", async () => {
  await openSignedIn(page, inbox);
  await post("1", { thread: { status: ["open", "green"], fields: { Dustiness: 5 }, body: "<p>A <b>body</b></p>" } });
  await post("1", { title: "closed ticket", thread: { status: ["closed", "grey"], fields: { Dustiness: 5 } } });
  await row("closed").waitFor();
  assert.equal(await rows().count(), 1);
  await rows().click();
  await messages().nth(1).waitFor();
  const { id } = (await inbox.get("/threads"))[0];
  assert.equal(new URL(page.url()).hash, `#/inbox/t/${id}`);
  assert.equal(await page.locator(".pane .pill").innerText(), "closed");
  assert.deepEqual(await page.locator(".pane .fields div").allInnerTexts(), ["Dustiness\n5"]);
  assert.deepEqual(await messages().locator(".title").allInnerTexts(), ["updated ticket", "closed ticket"]);
  // The address opens the same thread after a reload.
  await page.reload();
  await messages().nth(1).waitFor();
  await page.goBack();
  await page.locator(".rest").waitFor();
  assert.deepEqual(mistakes(), []);
});

test("chat messages without a thread stand in the flow itself", async () => {
  await client.post({ event: "message", content: "It must be a Tuesday", external_user_name: "Emmett" });
  await openSignedIn(page, inbox);
  await post("1");
  await rows().nth(1).waitFor();
  await client.post({ event: "message", content: "1.21 gigawatts?", external_user_name: "Emmett" });
  await row("The flow itself").filter({ hasText: "gigawatts" }).click();
  await messages().nth(1).waitFor();
  assert.deepEqual(await page.locator(".pane .content").allInnerTexts(), ["It must be a Tuesday", "1.21 gigawatts?"]);
  await client.post({ event: "message", content: "Great Scott!", external_user_name: "Emmett" });
  await messages().nth(2).waitFor();
});

test("the list does not move while somebody reads it: a button says how much is new", async () => {
  for (let item = 0; item < 30; item += 1) await post(String(item));
  await openSignedIn(page, inbox);
  await rows().first().waitFor();
  await page.locator(".thread-rows").evaluate((box) => box.scrollTo({ top: 400 }));
  // Other rows are in sight now.
  await drawn(page);
  const before = await titles();
  await post("3", { title: "again" });
  await post("new");
  const moved = page.locator("#pending");
  await moved.filter({ hasText: "2 new" }).waitFor();
  assert.equal(await page.locator(".thread-rows").evaluate((box) => box.scrollTop), 400);
  assert.deepEqual(await titles(), before);
  await moved.click();
  await row("Ticket new").waitFor();
  assert.deepEqual((await titles()).slice(0, 3), ["Ticket new", "Ticket 3", "Ticket 29"]);
  assert.equal(await moved.count(), 0);
});

test("a message to the open thread moves neither the text that is read, nor the focus, nor the selection", async () => {
  for (let number = 0; number < 40; number += 1) {
    await post("1", { title: "commented", body: `<p>Comment ${number}</p>` });
  }
  await openSignedIn(page, inbox);
  await rows().click();
  await messages().nth(39).waitFor();
  const pane = page.locator(".pane");
  const read = page.locator(".pane .html", { hasText: "Comment 20" });
  await read.scrollIntoViewIfNeeded();
  await page.locator("#comment").focus();
  await read.evaluate((element) => getSelection()?.selectAllChildren(element));
  const top = () => read.evaluate((element) => element.getBoundingClientRect().top);
  const before = await top();
  await post("1", { title: "one more", thread: { title: "Another title of the ticket" } });
  await page.locator(".pane h2", { hasText: "Another title" }).waitFor();
  await messages().nth(40).waitFor();
  assert.ok(Math.abs((await top()) - before) < 40, "the new title may be a line longer");
  assert.equal(await page.evaluate(() => String(getSelection())), "Comment 20");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "comment");
  // Somebody at the end sees what arrives.
  await pane.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
  await post("1", { title: "the last one" });
  await messages().nth(41).waitFor();
  await page.waitForFunction(() => {
    const { scrollTop, clientHeight, scrollHeight } = document.querySelector(".pane");
    return scrollTop + clientHeight >= scrollHeight - 2;
  });
});

test("all threads and all messages can be reached", async () => {
  const total = 130;
  for (let item = 0; item < total; item += 1) await post(String(item));
  for (let number = 0; number < 130; number += 1) await post("long", { title: `number ${number}`, body: "x" });
  await openSignedIn(page, inbox);
  await rows().first().waitFor();
  const box = page.locator(".thread-rows");
  const oldest = row(/^(?!.*Ticket \d{2,}).*Ticket 0/s);
  while ((await oldest.count()) === 0) {
    await box.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.ok((await rows().count()) < 60, "only what is in sight are elements");
  await box.evaluate((element) => element.scrollTo({ top: 0 }));
  await row("Ticket long").click();
  const earlier = page.locator(".earlier");
  await earlier.filter({ hasText: "(70)" }).click();
  await messages().nth(119).waitFor();
  await earlier.filter({ hasText: "(10)" }).click();
  await messages().nth(129).waitFor();
  assert.equal(await earlier.count(), 0);
  assert.equal(await messages().first().locator(".title").innerText(), "number 0");
});

test("what is wide scrolls in itself, at every width of the window", async () => {
  const cells = Array.from({ length: 14 }, (_, index) => `<td>column number ${index}</td>`).join("");
  const body = `<pre>${"x".repeat(300)}</pre><table><tr>${cells}</tr></table>`;
  await post("wide", { body, thread: { title: "W".repeat(300), body, fields: { ["L".repeat(80)]: "V".repeat(200) } } });
  await openSignedIn(page, inbox);
  await rows().click();
  await messages().waitFor();
  for (const width of [320, 360, 768, 1024, 1440, 2560]) {
    await page.setViewportSize({ width, height: 800 });
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.querySelector(".pane").scrollWidth - document.querySelector(".pane").clientWidth,
    ]);
    assert.deepEqual(widths, [width, 0]);
  }
});

test("what was read is kept in the browser, and the tab's title counts the rest", async () => {
  await post("1");
  await openSignedIn(page, inbox);
  await rows().first().waitFor();
  assert.equal(await page.title(), "example/main", "a browser that sees the flow first has read what is there");
  await post("2");
  await post("2");
  await row("Ticket 2").locator(".count", { hasText: "2" }).waitFor();
  await page.waitForFunction(() => document.title === "(1) example/main");
  await page.reload();
  await page.waitForFunction(() => document.title === "(1) example/main");
  const other = await page.context().newPage();
  await other.goto(`${inbox.url}/`);
  await other.waitForFunction(() => document.title === "(1) example/main");
  await row("Ticket 2").click();
  await page.waitForFunction(() => document.title === "Ticket 2 – example/main");
  await other.waitForFunction(() => document.title === "example/main");
  await page.locator("#mark-unread").click();
  await page.waitForFunction(() => document.title === "(1) example/main");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.waitForFunction(() => document.title === "example/main");
});

test("filters have an address, and the inbox filters", async () => {
  await post("1", { tags: ["power"], thread: { status: ["open", "red"] } });
  await post("2", { thread: { status: ["closed", "grey"] } });
  await openSignedIn(page, inbox);
  await rows().nth(1).waitFor();
  const rail = page.getByRole("navigation");
  await rail.getByRole("link", { name: "red 1" }).click();
  await page.locator(".list-head", { hasText: "Status: red" }).waitFor();
  await row("Ticket 2").waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).hash, "#/inbox?status=red");
  await page.reload();
  await row("Ticket 1").waitFor();
  assert.deepEqual(await titles(), ["Ticket 1"]);
  // A thread that comes to have the status comes into the list.
  await post("3", { thread: { status: ["open", "red"] } });
  await row("Ticket 3").waitFor();
  await rail.getByRole("link", { name: "#power 1" }).click();
  await row("Ticket 3").waitFor({ state: "detached" });
  await row("Ticket 1").waitFor();
  assert.deepEqual(await titles(), ["Ticket 1"]);
  await page.locator("#clear-filter").click();
  await row("Ticket 2").waitFor();
  assert.equal(page.url(), `${inbox.url}/`);
});

test("the search shows the threads in which the inbox finds the words", async () => {
  await client.post({
    event: "message",
    content: "the hoverboard is pink",
    external_user_name: "Biff",
    external_thread_id: "a",
    thread: { title: "Hoverboard" },
  });
  await client.post({
    event: "message",
    content: "a pink Cadillac",
    external_user_name: "Biff",
    external_thread_id: "b",
    thread: { title: "Cars" },
  });
  await openSignedIn(page, inbox);
  await rows().nth(1).waitFor();
  await page.keyboard.press("/");
  const words = page.locator("#search-words");
  await page.keyboard.type("PINK hoverboard");
  await post("arrives while the user types");
  await rows().nth(2).waitFor();
  await words.press("Enter");
  // The list is empty for a moment, until the inbox has answered.
  await row("Cars").waitFor({ state: "detached" });
  await row("Hoverboard").waitFor();
  assert.deepEqual(await titles(), ["Hoverboard"]);
  assert.equal(new URL(page.url()).hash, "#/inbox?search=PINK+hoverboard");
  await words.fill("no such word");
  await words.press("Enter");
  await page.locator(".empty", { hasText: "No thread matches" }).waitFor();
  await words.fill("");
  await rows().nth(2).waitFor();
  assert.deepEqual(mistakes(), []);
});

test("the owner comments on a thread, and keeps what could not be sent", async () => {
  await post("1");
  await openSignedIn(page, inbox);
  await rows().click();
  const field = page.locator("#comment");
  await field.fill("It <b>works</b>");
  await page.route("**/threads/*/messages", (route) => route.abort());
  await field.press("Control+Enter");
  await page.locator("#comment-problem", { hasText: "Not sent" }).waitFor();
  assert.equal(await field.inputValue(), "It <b>works</b>");
  await page.unroute("**/threads/*/messages");
  await page.getByRole("button", { name: "Comment" }).click();
  await page.locator(".pane .content", { hasText: "It <b>works</b>" }).waitFor();
  // The message may come in the stream before the answer to the comment.
  await page.locator("#comment:placeholder-shown").waitFor();
  assert.equal(await field.inputValue(), "");
  assert.equal(await messages().last().locator("b").innerText(), "Owner");
});

test("a thread is removed after a question", async () => {
  await post("1");
  await post("2");
  await openSignedIn(page, inbox);
  await row("Ticket 1").click();
  await page.locator("#remove-thread").click();
  await page.keyboard.press("Escape");
  assert.equal((await inbox.get("/threads")).length, 2, "nothing has happened yet");
  await page.locator("#remove-thread").click();
  await page.getByRole("button", { name: "Remove the thread" }).click();
  await row("Ticket 1").waitFor({ state: "detached" });
  assert.equal((await inbox.get("/threads")).length, 1);
});

test("the keys go through the list, mark, search and explain themselves", async () => {
  for (const item of ["1", "2", "3"]) await post(item);
  await openSignedIn(page, inbox);
  await rows().nth(2).waitFor();
  const title = page.locator(".pane h2");
  await page.keyboard.press("j");
  await title.filter({ hasText: "Ticket 3" }).waitFor();
  await page.keyboard.press("j");
  await title.filter({ hasText: "Ticket 2" }).waitFor();
  await page.keyboard.press("k");
  await title.filter({ hasText: "Ticket 3" }).waitFor();
  await page.keyboard.press("u");
  await page.locator(".rest").waitFor();
  assert.equal(await row("Ticket 3").getAttribute("data-unread"), "");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  // Keys write while somebody writes.
  await page.keyboard.press("/");
  await page.keyboard.type("jk?");
  assert.equal(await page.locator("#search-words").inputValue(), "jk?");
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  assert.match(page.url(), /#\/try$/);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  assert.equal(page.url(), `${inbox.url}/`);
  // The arrow keys move the focus through the rows, and Enter opens one.
  await rows().first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await title.filter({ hasText: "Ticket 2" }).waitFor();
});

test("the bench is asked for once if it does not load, and the page says so", async () => {
  let requests = 0;
  await page.route("**/bench-*.js", (route) => {
    requests += 1;
    return route.abort();
  });
  await openSignedIn(page, inbox);
  await page.locator("#open-try").click();
  await page.getByRole("button", { name: "Reload the page" }).waitFor();
  await drawn(page);
  assert.equal(requests, 1);
});

test("the chat messages without a thread are found behind any number of comments", async () => {
  const inFlow = (content) => client.post({ event: "message", content, external_user_name: "Emmett" });
  for (const content of ["first", "second"]) await inFlow(content);
  const thread = { title: "Talk" };
  for (let number = 0; number < 130; number += 1) {
    await client.post({
      event: "message",
      content: `c${number}`,
      external_user_name: "Biff",
      external_thread_id: "t",
      thread,
    });
  }
  await openSignedIn(page, inbox);
  await row("Talk").waitFor();
  await page.evaluate(() => {
    location.hash = "#/inbox/t/flow";
  });
  await messages().nth(1).waitFor();
  assert.deepEqual(await page.locator(".pane .content").allInnerTexts(), ["first", "second"]);
});

test("a message that cannot be drawn does not hide the others", async () => {
  await post("1");
  // The client would refuse these attachments. The inbox keeps whatever a poster describes.
  const odd = {
    flow_token: inbox.flow_token,
    event: "activity",
    author: { name: "Marty" },
    title: "the odd one",
    external_thread_id: "1",
    thread: { title: "Ticket 1" },
    attachments: [{ path: { toString: 1 }, file_name: "a", file_size: 1 }],
  };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${inbox.url}/messages`, { method: "POST", headers, body: JSON.stringify(odd) });
  assert.equal(answer.status, 202);
  await post("1", { title: "the last one" });
  await openSignedIn(page, inbox);
  await row("Ticket 1").click();
  await page.locator(".pane .title", { hasText: "the last one" }).waitFor();
  assert.equal(await messages().count(), 3);
});

test("a comment that is written in one flow is not offered in another", async () => {
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: "Other" });
  await fetch(`${inbox.url}/flows/example`, { method: "POST", headers, body });
  await openSignedIn(page, inbox);
  const open = (query) =>
    page.evaluate((query) => {
      location.hash = `#/inbox/t/flow${query}`;
    }, query);
  await open("");
  await page.locator("#comment").fill("for this flow");
  await open("?flow=other");
  await page.locator("h1", { hasText: "example/other" }).waitFor();
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("#comment"))?.value === "");
  await open("");
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector("#comment"))?.value === "for this flow");
});

test("in a narrow window the focus goes with the user, from the list to the thread and back", async () => {
  for (const item of ["1", "2", "3"]) await post(item);
  await page.setViewportSize({ width: 360, height: 700 });
  await openSignedIn(page, inbox);
  await row("Ticket 2").focus();
  await page.keyboard.press("Enter");
  await page.locator(".pane h2", { hasText: "Ticket 2" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.className === "pane");
  assert.equal(await page.title(), "Ticket 2 – example/main");
  await page.keyboard.press("Escape");
  await page.waitForFunction(
    () => document.activeElement?.matches(".thread-row") && document.activeElement.textContent?.includes("Ticket 2"),
  );
});

test("files are shown as pictures in the body that names them, and otherwise in a list", async () => {
  const png = Uint8Array.from(
    atob("iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAEElEQVR4nGP436CAjBgI8AFU9xhSp50L1gAAAABJRU5ErkJggg=="),
    (c) => c.charCodeAt(0),
  );
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
  await openSignedIn(page, inbox);
  await row("Clock tower").click();
  await messages().nth(1).waitFor();
  const [first, second] = await messages().all();
  await page.waitForFunction(() => {
    /** @type {HTMLImageElement} */
    const picture = document.querySelector(".pane img[alt='the clock']");
    return picture?.naturalWidth === 5;
  });
  assert.equal(await page.locator(".pane img").count(), 1);
  assert.match(await first.innerText(), /no picture/);
  assert.match(await second.innerText(), /the clock no picture/);
  assert.equal(await second.locator(".files").count(), 0);
  assert.deepEqual(await first.locator(".files li").allInnerTexts(), ["page.html 25 bytes", "Zürich <b>.txt 2.0 KB"]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    first.locator(".files button", { hasText: "Zürich" }).click(),
  ]);
  assert.equal((await readFile(await download.path())).length, 2048);
  assert.deepEqual(mistakes(), []);
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
  await openSignedIn(page, inbox);
  await row("Careful").click();
  await messages().waitFor();
  await page.locator(".pane b", { hasText: "body" }).waitFor();
  assert.equal(await page.locator(".pane a", { hasText: "linked" }).getAttribute("href"), "https://example.com");
  assert.equal(await page.locator("img[src=x]").count(), 0);
  assert.match(await messages().innerText(), /<img src=x onerror=alert\(1\)>/);
});
