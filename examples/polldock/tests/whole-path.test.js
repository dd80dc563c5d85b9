// The whole integration guide in a real browser: a setup, messages, an action, and the removal of the source.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startChromium } from "../../../tests/browser/support/chromium.js";
import { openSignedIn, openView } from "../../../tests/browser/support/demo-page.js";
import { startBesideInbox, until } from "./support/beside-inbox.js";

let all;
let browser;

before(async () => {
  const inboxArguments = ["--www", process.env.FLOWDOCK_PAGE];
  [all, browser] = await Promise.all([startBesideInbox({ inboxArguments }), startChromium()]);
});

after(() => Promise.all([browser?.close(), all?.stop()]));

test("a user sets Polldock up, posts arrive, an action is answered, and the source is removed", async () => {
  const { inbox, polldock, proxy } = all;
  const fields = ({ thread }) => thread.fields.map(({ label, value }) => [label, value]);
  const status = ({ thread }) => [thread.status.value, thread.status.color];

  // Step 1: a user adds Polldock to the flow, from the inbox's page and its consent page.
  const page = await openPage(browser);
  await openSignedIn(page, inbox);
  await openView(page, "integrations");
  const registered = page.locator("#applications li", { hasText: "Polldock" });
  const setup = await popup(page, () => registered.getByRole("link", { name: "Set up" }).click());
  // Polldock sends browsers to the proxy, but the owner is signed in at the inbox's own address.
  await setup.getByRole("button", { name: "Authorise" }).waitFor();
  await setup.goto(setup.url().replace(proxy.url, inbox.url));
  // The consent page names the owner and the flow, because the owner is signed in and Polldock names the flow.
  const names = `${all.flow.organization.name} / ${all.flow.name}`;
  await setup.locator("#flow", { hasText: names }).waitFor();
  await setup.locator("#user", { hasText: `Owner of ${all.flow.organization.name}` }).waitFor();
  await setup.getByRole("button", { name: "Authorise" }).click();
  await setup.getByRole("heading", { name: "Add Polldock to this flow?" }).waitFor();
  assert.match(await setup.locator("#flow").innerText(), new RegExp(`/${all.flow.name}$`));
  await setup.getByRole("button", { name: "Add Polldock" }).click();
  await setup.getByText("Polldock is part of").waitFor();
  const back = await setup.getByRole("link", { name: /^Back to / }).getAttribute("href");
  assert.equal(back, all.flow.web_url);
  await page.reload();
  const source = page.locator("#sources li", { hasText: "All polls" });
  await source.waitFor();

  // Step 2: people create a poll and vote in Polldock.
  const ann = await openPage(browser);
  await ann.goto(polldock.url);
  assert.match(await ann.locator("#flows").innerText(), /All polls, comments too/);
  await ann.getByRole("link", { name: "Say who you are" }).click();
  await ann.getByLabel("Name").fill("Ann");
  await ann.getByRole("button", { name: "Go on" }).click();
  await ann.getByLabel("Question").fill("Lunch <today>?");
  await ann.getByLabel("Option 1").fill("Pizza");
  await ann.getByLabel("Option 2").fill("Sushi");
  await ann.getByRole("button", { name: "Create the poll" }).click();
  const option = (name) => ann.locator("#options li", { hasText: name });
  await option("Pizza").getByRole("button", { name: "Vote" }).click();
  await option("Pizza").getByRole("button", { name: "Take it back" }).waitFor();
  await ann.getByLabel("Comment").fill("With pineapple");
  await ann.getByRole("button", { name: "Comment" }).click();
  await ann.locator("#comments li").waitFor();
  const poll = ann.url();

  const [created, voted, comment] = await all.messages(3);
  assert.deepEqual([created.event, created.title, created.author.name], ["activity", "created the poll", "Ann"]);
  assert.deepEqual(
    [voted.title, fields(voted)],
    [
      "voted for Pizza",
      [
        ["Pizza", "1"],
        ["Sushi", "0"],
      ],
    ],
  );
  assert.deepEqual(status(voted), ["open", "green"]);
  assert.equal(voted.thread.external_url, poll);
  assert.deepEqual([comment.event, comment.body], ["discussion", "With pineapple"]);
  assert.equal(new Set([created, voted, comment].map((message) => message.thread_id)).size, 1);

  // Step 3: a user votes from the inbox. Polldock does not know the user yet, so the user must log in first.
  await openView(page, "inbox");
  await page.locator(".thread-row", { hasText: "Lunch <today>?" }).click();
  const card = page.locator(".pane");
  const vote = card.getByRole("button", { name: "Vote for Sushi" });
  const outcome = (kind) => card.locator(`.action-outcome[data-outcome=${kind}]`);
  await vote.click();
  const login = await popup(page, () => outcome("login").getByRole("link", { name: "Log in at" }).click());
  await login.getByText("The Flowdock user Owner").waitFor();
  await login.getByLabel("Name").fill("Marty");
  await login.getByRole("button", { name: "That is me" }).click();
  await login.getByText("Now click once more in Flowdock.").waitFor();
  assert.equal(await login.getByRole("link", { name: /^Back to / }).getAttribute("href"), all.flow.web_url);
  assert.equal((await all.messages(3)).length, 3, "the first click changed nothing");
  await vote.click();
  await outcome("done").waitFor();
  const [, , , clicked] = await all.messages(4);
  assert.deepEqual([clicked.title, clicked.author.name], ["voted for Sushi", "Marty"]);
  assert.deepEqual(fields(clicked), [
    ["Pizza", "1"],
    ["Sushi", "1"],
  ]);
  await ann.reload();
  assert.equal(await option("Sushi").locator("output").innerText(), "1");

  // Step 4: the poll is closed.
  await close(ann);
  await ann.locator(".status.closed").waitFor();
  const closed = (await all.messages(5))[4];
  assert.equal(closed.title, "closed the poll: Pizza and Sushi are even with 1 vote each");
  assert.deepEqual(status(closed), ["closed", "red"]);
  await card.getByText("closed", { exact: true }).waitFor();
  assert.equal(await vote.count(), 0, "there is nothing to vote on");

  // Step 5: the source is removed. The next post gets a 410, and Polldock forgets the flow.
  await ann.goto(polldock.url);
  await ann.getByLabel("Question").fill("Dinner?");
  await ann.getByLabel("Option 1").fill("Soup");
  await ann.getByLabel("Option 2").fill("Salad");
  await ann.getByRole("button", { name: "Create the poll" }).click();
  await all.messages(6);
  await openView(page, "integrations");
  await source.getByRole("button", { name: "Remove All polls" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await source.waitFor({ state: "detached" });
  await option("Soup").getByRole("button", { name: "Vote" }).click();
  await option("Soup").getByRole("button", { name: "Take it back" }).waitFor();
  assert.equal(await option("Soup").locator("output").innerText(), "1", "the vote counts all the same");
  await until(async () => {
    await ann.goto(polldock.url);
    return (await ann.locator("#flows").count()) === 0;
  }, "the flow is forgotten");
  const { posts } = proxy.seen;
  await ann.getByRole("link", { name: "Dinner?" }).click();
  await option("Salad").getByRole("button", { name: "Vote" }).click();
  await option("Salad").getByRole("button", { name: "Take it back" }).waitFor();
  await close(ann);
  await ann.locator(".status.closed").waitFor();
  await until(async () => {
    await ann.goto(polldock.url);
    return (await ann.locator("#closed li").count()) === 2;
  }, "the alarm after the last change");
  assert.equal(proxy.seen.posts, posts, "nothing is posted any more");
  assert.equal((await all.messages(6)).length, 6);
  assert.deepEqual([...page.mistakes, ...ann.mistakes], []);
});

/** Closes the poll that the page shows, after a look at the question and back. */
async function close(page) {
  const { href } = new URL(page.url());
  await page.getByRole("link", { name: "Close the poll" }).click();
  await page.getByRole("link", { name: "Keep it open" }).click();
  await page.waitForURL(href);
  await page.getByRole("link", { name: "Close the poll" }).click();
  await page.getByRole("button", { name: "Close the poll" }).click();
}

/** Clicks, and returns the page that opens in a new window. */
async function popup(page, click) {
  const [opened] = await Promise.all([page.waitForEvent("popup"), click()]);
  return opened;
}
