// A source of Polldock is added, configured and removed.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { startBesideInbox, until } from "./support/beside-inbox.js";

let all;
let owner;
let flowdock;

beforeEach(async () => {
  all = await startBesideInbox();
  owner = all.visitor();
  flowdock = { url: all.inbox.url, apiToken: all.inbox.api_token };
});

afterEach(() => all?.stop());

const sources = () => all.inbox.get("/sources");

test("a source is created once, after the user has confirmed it", async () => {
  const before = (await sources()).length;
  const { status, text } = await owner.comeFromFlowdock(all.setupUri, flowdock);
  assert.equal(status, 200);
  assert.match(text, new RegExp(`<b id="flow">[^<]*${all.flow.name}</b>`));
  assert.equal((await sources()).length, before, "nothing without a confirmation");
  const answers = await Promise.all(
    [1, 2].map(() => owner.open("/flowdock/source", { name: "Lunch polls", comments: "yes" })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
  assert.equal((await sources()).at(-1).name, "Lunch polls");
  assert.equal((await sources()).length, before + 1);
  const home = (await owner.open("/")).text;
  assert.match(home, /Lunch polls, comments too/);
  assert.doesNotMatch(home, /[0-9a-f]{32}<|token/i);
});

test("the first page says what to do first, and no page is a dead end", async () => {
  const first = (await owner.open("/")).text;
  assert.match(first, /First steps/);
  assert.ok(first.includes(`<a href="${all.proxy.url}">inbox</a>`), first);
  assert.doesNotMatch(first, /No poll is open/);
  await owner.logIn("Ann");
  assert.match((await owner.open("/")).text, /class="done".*You are Ann/);

  await owner.comeFromFlowdock(all.setupUri, flowdock);
  const added = (await owner.open("/flowdock/source", { name: "Lunch", comments: "yes" })).text;
  const back = `<a href="${all.flow.web_url}" class="button">Back to ${all.flow.organization.name}/${all.flow.name}</a>`;
  assert.ok(added.includes(back), added);
  const ready = (await owner.open("/")).text;
  assert.match(ready, /No poll is open/);
  assert.doesNotMatch(ready, /First steps/);
  assert.ok(ready.includes(`<a href="${all.flow.web_url}">`), "a flow's name leads to the flow");

  // The visit is over, so the form is refused. The page leads back to where one begins again.
  const { status, text } = await owner.open("/flowdock/source", { name: "Lunch" });
  assert.equal(status, 400);
  assert.ok(text.includes(`<a href="${all.proxy.url}" class="button">Open Flowdock</a>`), text);
});

test("the request for permission names the flow", async () => {
  const { location } = await owner.open(all.setupUri);
  assert.equal(new URL(location).searchParams.get("flow"), all.flow.id);
});

for (const [what, change] of [
  ["another state", (url) => url.replace(/state=[^&]+/, "state=guessed")],
  ["no state", (url) => url.replace(/&?state=[^&]+/, "")],
]) {
  test(`${what} is refused, and no code is exchanged`, async () => {
    const { posts } = all.proxy.seen;
    const { status, text } = await owner.comeFromFlowdock(all.setupUri, flowdock, change);
    assert.deepEqual([status, /did not begin in this browser/.test(text)], [400, true]);
    assert.equal(all.proxy.seen.posts, posts);
    assert.equal((await owner.open("/flowdock/source", { name: "x" })).status, 400);
  });
}

test("a setup that began in another browser is refused", async () => {
  let callback;
  await owner.comeFromFlowdock(all.setupUri, flowdock, (url) => {
    callback = url;
    return "/";
  });
  const { posts } = all.proxy.seen;
  const stranger = all.visitor();
  await stranger.open(all.setupUri);
  assert.equal((await stranger.open(callback)).status, 400);
  assert.equal((await all.visitor().open(callback)).status, 400);
  assert.equal(all.proxy.seen.posts, posts);
});

test("a user who denies access sees that, and a setup URI without a flow is refused", async () => {
  const { location } = await owner.open(all.setupUri);
  const state = new URL(location).searchParams.get("state");
  const { status, text } = await owner.open(`/flowdock/callback?error=access_denied&state=${state}`);
  assert.equal(status, 403);
  assert.match(text, /You did not allow it/);
  assert.equal((await owner.open("/flowdock/setup")).status, 400);
  assert.equal((await owner.open("/flowdock/configure?flow=x")).status, 400);
});

test("a user whom Flowdock gives access can configure a source to leave out comments", async () => {
  const { id } = await all.setUp();
  const configure = `/flowdock/configure?${new URLSearchParams({ integration_id: id, flow: all.flow.id })}`;
  const { text } = await owner.comeFromFlowdock(configure, flowdock);
  assert.match(text, /name="comments" value="yes" checked/);
  const { status } = await owner.open("/flowdock/source", {});
  assert.equal(status, 200);
  const ann = await all.visitor().logIn("Ann");
  assert.match((await ann.open("/")).text, /no comments/);

  const poll = await ann.create("Quiet?", "Yes", "No");
  await ann.change(poll, "comment", "Not told");
  await ann.change(poll, "vote", "1");
  const messages = await all.messages(2);
  assert.deepEqual(
    messages.map(({ event }) => event),
    ["activity", "activity"],
  );

  // A source of another application, and a source that does not exist.
  for (const unknown of ["1", "999"]) {
    const other = `/flowdock/configure?${new URLSearchParams({ integration_id: unknown, flow: all.flow.id })}`;
    assert.ok((await all.visitor().comeFromFlowdock(other, flowdock)).status >= 400, unknown);
  }
});

test("a removed source is forgotten at the next post, and nothing more is sent to it", async () => {
  const { id } = await all.setUp({ name: "Removed" });
  await all.setUp({ name: "Kept" });
  const ann = await all.visitor().logIn("Ann");
  const poll = await ann.create("Gone?", "Yes", "No");
  await all.messages(2);
  await all.removeSource(id);
  await ann.change(poll, "vote", "1");
  await all.messages(3);
  await until(async () => !/Removed/.test((await ann.open("/")).text), "the source is forgotten");
  assert.match((await ann.open("/")).text, /Kept/);

  const { posts } = all.proxy.seen;
  await ann.change(poll, "vote", "2");
  const messages = await all.messages(4);
  assert.equal(messages.at(-1).title, "changed a vote from Yes to No");
  assert.equal(all.proxy.seen.posts, posts + 1, "one post, to the other source");
});
