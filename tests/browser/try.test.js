// The view in which one tries a message: composing it, as a user does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openForEachTest, page } from "./support/each-test.js";
import {
  behindTab,
  chooseExample,
  chooseMode,
  drawn,
  goToTry,
  openTry,
  selected,
  shownMessage,
  underlined,
  violations,
} from "./support/try-page.js";

/** The avatars of messages cannot be loaded from here. */
const isFault = (mistake) => !mistake.startsWith("Failed to load resource");

openForEachTest(openTry, ({ mistakes }) => assert.deepEqual(mistakes.filter(isFault), []));

test("the draft begins with the guide's example, without violations", async () => {
  assert.equal(await page.locator("#thread-title").innerText(), "Polish the flux capacitor");
  assert.deepEqual(await violations(page), []);
  const message = await shownMessage(page);
  assert.equal(message.thread.status.color, "green");
  assert.equal(message.flow_token, undefined);
  assert.equal(await page.locator("#verdict").innerText(), "Ready to post");
  assert.equal(await page.locator("#post").isEnabled(), true);
});

test("each group of the form is as high as its content", async () => {
  await chooseExample(page, "example-actions");
  await drawn(page);
  // A rule for a class of another view could give a group a fixed height.
  const heights = await page
    .locator(".try fieldset")
    .evaluateAll((groups) => groups.map(({ scrollHeight, clientHeight }) => [scrollHeight, clientHeight]));
  assert.equal(heights.length, 5);
  for (const [content, shown] of heights) assert.ok(content <= shown + 1, `${content} px in ${shown} px`);
});

test("violations are shown while the user types, and stop the post", async () => {
  await page.locator("#title").fill("<b>updated</b> ticket");
  await page.locator("#external-thread-id").fill("");
  assert.deepEqual(await violations(page), [
    ["html_tag_not_allowed", "/title"],
    ["required_one_of", ""],
  ]);
  assert.equal(await page.locator("#post").isDisabled(), true);
  assert.equal(
    await page.locator("#post-reason").innerText(),
    "Fix the errors to post. Warnings do not stop the post.",
  );
  assert.match(await page.locator("#title ~ .note").innerText(), /is not allowed in a title/);
  assert.equal(await page.locator("#title").getAttribute("aria-describedby"), "note-title-0");
  await page.locator("#title").fill("updated ticket");
  await page.locator("#external-thread-id").fill("1");
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.locator("#post").isEnabled(), true);
});

test("HTML is underlined where it breaks a rule, also behind line breaks and emoji", async () => {
  await page.locator("#thread-body").fill('👍 a\n\n<p onclick="x">b</p>\n<script>c</script>');
  await page.locator("#title").fill("<i>x</i>");
  assert.deepEqual((await underlined(page, "error")).sort(), ["<i>", "<script>", 'onclick="x"']);
  await page.locator("#report li[data-path='/thread/body'] button").first().click();
  assert.equal(await selected(page), 'onclick="x"');
  await page.locator("#title").fill("x");
  await page.locator("#thread-body").fill("");
  assert.deepEqual(await underlined(page, "error"), []);
});

test("a field with many problems shows three of them, and leads to the others", async () => {
  await page.locator("#body").fill("<u>1</u><s>2</s><font>3</font><blink>4</blink><marquee>5</marquee>");
  await drawn(page);
  assert.equal(await page.locator("#body ~ .note").count(), 3);
  await page.getByRole("button", { name: "2 more problems: show the list" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.closest("li")?.dataset.path), "/body");
});

test("what is typed and pasted is plain text, and a message keeps its text exactly", async () => {
  const body = page.locator("#body");
  await body.click();
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await page.keyboard.type("  two  words ");
  await page.keyboard.press("Enter");
  assert.equal((await shownMessage(page)).body, "one\n  two  words \n");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => {
    const html = new Blob(["<b>bold</b><br>second"], { type: "text/html" });
    const text = new Blob(["bold\n\nsecond"], { type: "text/plain" });
    return navigator.clipboard.write([new ClipboardItem({ "text/html": html, "text/plain": text })]);
  });
  await body.fill("");
  await page.keyboard.press("Control+v");
  assert.equal((await shownMessage(page)).body, "bold\n\nsecond");
  assert.equal(await body.locator("b").count(), 0);
  await page.locator("#title").fill("");
  await page.keyboard.press("Control+v");
  await page.keyboard.press("Enter");
  await page.keyboard.type("!");
  assert.equal((await shownMessage(page)).title, "bold second!");
  const exact = { event: "activity", title: " a \n", body: "x\r\n\ty\n\n", thread: { title: "\u00a0" } };
  await chooseMode(page, "json");
  await page.locator("#json-text").fill(JSON.stringify(exact));
  await chooseMode(page, "form");
  await page.locator("#external-thread-id").fill("1");
  assert.deepEqual(await shownMessage(page), { ...exact, external_thread_id: "1" });
});

test("a violation in JSON text is underlined, and a click on it selects its place", async () => {
  await chooseMode(page, "json");
  const editor = page.locator("#json-text");
  const lines = ["{", '"event": "message", "content": "x",', '"thread": { "title": "\\"<b>x</b>", "fields": [', ""];
  lines[3] = '{ "label": "a" }, { "label": "<i>b</i>" }, { "label": 5 }] },';
  await editor.fill([...lines, '"tag": "a",', "}"].join("\n"));
  assert.deepEqual(await violations(page), [["invalid_json", ""]]);
  assert.equal(await page.locator("#verdict").innerText(), "Not valid JSON");
  assert.match(await page.locator("#json-error").innerText(), /^Line 6, column 1: /);
  assert.deepEqual(await underlined(page, "error"), ["}"]);
  await editor.fill([...lines, '"tag": "a"', "}"].join("\n"));
  await drawn(page);
  assert.equal(await page.locator("#json-error").isHidden(), true);
  assert.match(await page.locator("#report li[data-path='/tag']").innerText(), /5:1/);
  for (const [path, text] of [
    ["/thread/title", "<b>"],
    ["/thread/fields/1/label", "<i>"],
    ["/thread/fields/2/label", "5"],
    ["/tag", '"tag"'],
  ]) {
    await page.locator(`#report li[data-path='${path}'] button`).first().click();
    assert.equal(await selected(page), text);
  }
  assert.deepEqual(await underlined(page, "error"), ["<b>", "<i>", "5"]);
});

test("no draft is thrown away: an example can be undone, and broken JSON is kept", async () => {
  await page.locator("#title").fill("my own long work");
  await chooseExample(page, "example-close");
  await page.locator("#title", { hasText: "closed ticket" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator("#title", { hasText: "my own long work" }).waitFor();
  await chooseMode(page, "json");
  await page.locator("#json-text").fill('{ "event": ');
  await chooseMode(page, "form");
  await page.locator("#title", { hasText: "my own long work" }).waitFor();
  await chooseMode(page, "json");
  assert.equal(await page.locator("#json-text").innerText(), '{ "event": ');
  await page.getByRole("button", { name: "Go back to the last valid message" }).click();
  await page.locator("#json-text", { hasText: "my own long work" }).waitFor();
});

test("the values that another event does not use come back with the event", async () => {
  await page.locator("label", { has: page.locator("#event-message") }).click();
  await page.locator("#content").fill("a chat message");
  assert.equal((await shownMessage(page)).title, undefined);
  await page.locator("label", { has: page.locator("#event-activity") }).click();
  const { title, content } = await shownMessage(page);
  assert.deepEqual([title, content], ["updated ticket", undefined]);
});

test("the draft survives a reload and going back, without a token", async () => {
  await page.locator("#title").fill("kept");
  await drawn(page);
  await page.reload();
  await page.locator("#title", { hasText: "kept" }).waitFor();
  await chooseMode(page, "json");
  await page.locator("#json-text").fill('{ "event": "activity", "flow_token": "s3cret-tok", ');
  await drawn(page);
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /s3cret/);
  await page.reload();
  await page.locator("#json-text", { hasText: '"flow_token": ""' }).waitFor();
  await page.locator("#json-text").fill('{ "event": "message", "content": "x", "flow_token": "s3cret-tok" }');
  for (const tab of ["JSON", "JavaScript", "Rust", "curl"]) assert.doesNotMatch(await behindTab(page, tab), /s3cret/);
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /s3cret/);
});

test("fields and actions are rows with names of their own, and empty rows are not sent", async () => {
  await page.locator("#add-field").click();
  await page.locator("#add-field").click();
  await page.getByLabel("Label of field 3").fill("<b>Age</b>");
  await page.getByLabel("Value of field 3").fill("30");
  assert.deepEqual(await violations(page), [["html_tag_not_allowed", "/thread/fields/1/label"]]);
  assert.equal(await page.getByLabel("Label of field 3").getAttribute("aria-invalid"), "true");
  await page.getByLabel("Label of field 3").fill("Age");
  await page.locator("#add-action").click();
  await page.getByLabel("Name of action 1").fill("Close");
  await page.getByLabel("URL of action 1").fill("https://example.com/close");
  await page.getByLabel("Type of action 1").selectOption("Request");
  await page.getByLabel("Method of action 1").selectOption("DELETE");
  const { thread } = await shownMessage(page);
  assert.deepEqual(thread.fields.slice(1), [{ label: "Age", value: "30" }]);
  const target = { "@type": "EntryPoint", urlTemplate: "https://example.com/close", httpMethod: "DELETE" };
  assert.deepEqual(thread.actions, [{ "@type": "UpdateAction", name: "Close", target }]);
  await page.getByRole("button", { name: "Remove action 1" }).click();
  assert.equal((await shownMessage(page)).thread.actions, undefined);
  assert.equal(await page.locator("#author-name").getAttribute("aria-label"), null);
  assert.equal(await page.getByLabel("Author", { exact: true }).count(), 1);
});

test("a link holds the message without tokens, and its draft can be undone", async () => {
  await chooseMode(page, "json");
  const message = { event: "message", content: "héllo 👋 + / ?", external_user_name: "Biff", flow_token: "s3cret" };
  await page.locator("#json-text").fill(JSON.stringify({ ...message, uuid: "11111111-1111-4111-8111-111111111111" }));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("#copy-link").click();
  await page.locator(".toast", { hasText: "Link copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await chooseExample(page, "example-guide");
  await goToTry(page, link.slice(link.indexOf("?")));
  await page.locator("#content").waitFor();
  assert.deepEqual(await shownMessage(page), {
    event: "message",
    content: message.content,
    external_user_name: "Biff",
  });
  assert.doesNotMatch(page.url(), /message=/);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator("#title", { hasText: "updated ticket" }).waitFor();
  await goToTry(page, "?message=no*base64");
  await page.locator(".toast", { hasText: "The link holds no message" }).waitFor();
  await page.locator("#body").fill("x".repeat(20_000));
  await page.locator("#copy-link").click();
  await page.locator(".toast", { hasText: "too long for a link" }).waitFor();
});

test("the preview shows the message like the inbox, and stands wrong types", async () => {
  await page.locator("#body").fill("<p>in <b>bold</b></p>");
  const preview = page.locator(".thread-preview");
  await preview.locator(".message b", { hasText: "bold" }).waitFor();
  await chooseMode(page, "json");
  const odd = { toString: 1, valueOf: 1 };
  for (const event of ["activity", "discussion", "message", odd]) {
    for (const value of [null, 5, "x", [], [null, 1, odd], odd, true]) {
      const thread = { title: value, body: value, external_url: value, status: value, fields: value, actions: value };
      const inner = {
        status: { value, color: value },
        fields: [{ label: value, value }],
        actions: [{ name: value, url: value }],
      };
      const action = { "@type": "UpdateAction", name: value, target: value };
      const whole = {
        event,
        title: value,
        body: value,
        content: value,
        author: value,
        tags: value,
        attachments: value,
      };
      for (const message of [
        { ...whole, thread },
        { ...whole, author: { name: value, avatar: value, email: value }, thread: { ...inner, title: value } },
        {
          ...whole,
          thread: { title: "x", actions: [action, { ...action, target: { urlTemplate: value, httpMethod: value } }] },
        },
        { ...whole, thread: value },
      ]) {
        await page.locator("#json-text").fill(JSON.stringify(message));
        await drawn(page);
        assert.equal(await preview.locator(".message").count(), 1, JSON.stringify(message));
        assert.deepEqual(page.mistakes.filter(isFault), [], JSON.stringify(message));
      }
    }
  }
  await page.locator("#json-text").fill('{ "event": "message", "content": "drawn still" }');
  await preview.getByText("drawn still").waitFor();
});
