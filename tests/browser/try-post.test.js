// The view in which one tries a message: posting it, the code that posts it, and who can use the view.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { promisify } from "node:util";
import { openSignedIn } from "./support/demo-page.js";
import { browser, inbox, openForEachTest, page } from "./support/each-test.js";
import { behindTab, chooseExample, chooseMode, drawn, goToTry, openTry, shownMessage } from "./support/try-page.js";

const run = promisify(execFile);

openForEachTest(openTry, ({ mistakes }) => {
  // Some tests cause failing requests, and the avatars of messages cannot be loaded from here.
  assert.deepEqual(
    mistakes.filter((mistake) => !mistake.startsWith("Failed to load resource")),
    [],
  );
});

const newest = async () => (await inbox.get("/messages?limit=1"))[0];

test("Ctrl+Enter posts from any field, and the outcome leads to the thread", async () => {
  await page.locator("#thread-body").press("Control+Enter");
  await page.locator("#outcome[data-outcome=accepted]").waitFor();
  const { uuid, thread_id } = await newest();
  assert.equal(await page.locator("#outcome-uuid").innerText(), uuid);
  await page.locator("#arrived-thread").click();
  assert.equal(new URL(page.url()).hash, `#/inbox/t/${thread_id}`);
});

test("files are listed, shown in the preview and posted with the message", async () => {
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAEElEQVR4nGP436CAjBgI8AFU9xhSp50L1gAAAABJRU5ErkJggg==";
  const clock = { name: "the clock.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") };
  await page.setInputFiles("#attach", [
    clock,
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.alloc(2048) },
  ]);
  await page.getByText("2.0 KB").first().waitFor();
  await page.locator("#body").fill('<img src="cid:the-clock.png" alt="the clock">');
  await page.waitForFunction(() => {
    /** @type {HTMLImageElement | null} */
    const picture = document.querySelector(".thread-preview img[alt='the clock']");
    return picture?.naturalWidth === 5;
  });
  await page.locator("#post").click();
  await page.locator("#outcome[data-outcome=accepted]").waitFor();
  const names = (await newest()).attachments.map(({ file_name }) => file_name);
  assert.deepEqual(names, ["the clock.png", "notes.txt"]);
  await page.getByRole("button", { name: "Remove notes.txt" }).click();
  await drawn(page);
  assert.deepEqual(await page.locator(".attached .file").allInnerTexts(), ["the clock.png"]);
});

test("a post says which attempt it is at, and can be cancelled", async () => {
  let requests = 0;
  await page.route("**/messages", (route) => {
    requests += 1;
    if (requests === 1) return route.fulfill({ status: 503 });
  });
  await page.locator("#post").click();
  await page.locator("#outcome", { hasText: "Posting, attempt 2 of 6" }).waitFor();
  assert.equal(await page.locator("#post").isDisabled(), true);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#outcome[data-outcome=failed]", { hasText: "Cancelled" }).waitFor();
});

test("a removed source and a missing token lead to their remedy", async () => {
  await page.route("**/messages", (route) => route.fulfill({ status: 410, json: { message: "Gone" } }));
  await page.locator("#post").click();
  const remedy = page.locator("#outcome a", { hasText: "Make a new source" });
  assert.equal(await remedy.getAttribute("href"), "#/integrations");
  // A failure stays while the user mends the message.
  await page.locator("#title").fill("other");
  await drawn(page);
  assert.equal(await remedy.count(), 1);
  const stranger = await browser.newPage();
  await stranger.goto(`${inbox.url}/#/try`);
  await stranger.locator("#post-reason a").click();
  await stranger.waitForURL(/#\/connection$/);
  await stranger.close();
});

test("the code for JavaScript and curl posts the message, and has no token", async () => {
  const title = `it's "$HOME" \`x\` \\ ${"é"} 👍`;
  const env = { ...process.env, FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token };
  await chooseExample(page, "example-actions");
  await page.locator("#title").fill(title);
  const expected = await shownMessage(page);
  const curl = await behindTab(page, "curl");
  const javascript = await behindTab(page, "JavaScript");
  for (const code of [curl, javascript, await behindTab(page, "Rust")])
    assert.doesNotMatch(code, new RegExp(inbox.flow_token));
  await run("bash", ["-c", curl], { env });
  const byCurl = await newest();
  const file = new URL(`sample-${process.pid}.mjs`, import.meta.url);
  await writeFile(file, javascript);
  try {
    await run(process.execPath, [file.pathname], { env });
  } finally {
    await rm(file);
  }
  const byJavascript = await newest();
  assert.notEqual(byCurl.id, byJavascript.id);
  for (const message of [byCurl, byJavascript]) {
    assert.equal(message.title, title);
    assert.deepEqual(message.thread.actions, expected.thread.actions);
  }
});

test("the code for Rust uses the builders where they have everything, else JSON", async () => {
  await chooseExample(page, "example-actions");
  await page.locator("#title").fill('a "b" \\ c');
  const built = await behindTab(page, "Rust");
  assert.match(built, /Activity::builder\(\)\n +\.author\(Author::new\("Marty"\)\.avatar\("https:/);
  assert.ok(built.includes(String.raw`.title("a \"b\" \\ c")`));
  assert.match(built, /\.status\("open", Color::Green\)/);
  assert.match(built, /\.action\(Action::update\("Close", "https:[^"]+", HttpMethod::Post\)\)/);
  await chooseMode(page, "json");
  await page.locator("#json-text").fill('{ "event": "message", "content": "\\"# x", "extra": 1 }');
  await drawn(page);
  const json = await behindTab(page, "Rust");
  assert.match(json, /serde_json::from_str\(\s*r##"\{/);
  assert.match(json, /client\.post_value\(/);
});

test("a browser without highlights has a textarea in the place of each editable element", async () => {
  const plain = await browser.newPage();
  await plain.addInitScript(() => {
    Reflect.deleteProperty(CSS, "highlights");
  });
  await openSignedIn(plain, inbox);
  await goToTry(plain);
  assert.equal(await plain.locator("[contenteditable]").count(), 0);
  await plain.locator("#title").fill("<b>x</b>");
  await plain.locator("#report li[data-path='/title'] button").click();
  /** @type {(area: HTMLTextAreaElement) => string} */
  const selectedIn = (area) => area.value.slice(area.selectionStart, area.selectionEnd);
  assert.equal(await plain.locator("#title").evaluate(selectedIn), "<b>");
  await plain.close();
});

test("axe finds nothing in the view, and it is never wider than the window", async () => {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1440]) {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
      const view = await openTry(context, inbox);
      await view.addScriptTag({ path: axe });
      const look = async (state) => {
        await drawn(view);
        const { violations: found } = await view.evaluate(() => globalThis.axe.run(".try"));
        const faults = found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
        assert.deepEqual([state, width, colorScheme, faults], [state, width, colorScheme, []]);
        assert.ok((await view.evaluate(() => document.documentElement.scrollWidth)) <= width, state);
      };
      await look("the example");
      await view.locator("#add-action").click();
      await view.locator("#title").fill(`<b>${"wide".repeat(60)}</b>`);
      await view.locator("#thread-body").fill(`<pre>${"wide ".repeat(80)}</pre><script>x</script>`);
      await look("errors in the form");
      for (const tab of ["JSON", "Rust"]) {
        await behindTab(view, tab);
        await look(tab);
      }
      await chooseExample(view, "mistake-types");
      await look("JSON");
      await chooseExample(view, "example-guide");
      await view.locator("#post").click();
      await view.locator("#outcome[data-outcome=accepted]").waitFor();
      await view.locator("#examples-button").click();
      await look("posted, with the menu open");
      await context.close();
    }
  }
});
