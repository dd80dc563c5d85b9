// Polldock in workerd with the real inbox, and with visitors whose browsers run no scripts.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { faults } from "../../../tests/node/support/fault-proxy.js";
import { startBesideInbox, until } from "./support/beside-inbox.js";

let all;
let ann;

before(async () => {
  all = await startBesideInbox();
  await all.setUp();
  ann = await all.visitor().logIn("Ann");
});

after(() => all?.stop());

const told = (poll, count) => all.messages(count, poll);
const titles = (messages) => messages.map(({ title }) => title);
const fields = ({ thread }) => Object.fromEntries(thread.fields.map(({ label, value }) => [label, value]));

test("each change is posted in order, with the state of the poll at that time", async () => {
  const poll = await ann.create("Lunch?", "Pizza", "Sushi");
  const votes = [["vote", "1"], ["vote", "1"], ["vote", "2"], ["unvote"]];
  for (const change of [...votes, ["addOption", "Soup"], ["vote", "3"], ["close"]]) {
    const { status, text } = await ann.change(poll, ...change);
    assert.equal(status, 303, text);
  }
  const messages = await told(poll, 7);
  assert.deepEqual(titles(messages), [
    "created the poll",
    "voted for Pizza",
    "changed a vote from Pizza to Sushi",
    "took the vote for Sushi back",
    "added the option Soup",
    "voted for Soup",
    "closed the poll: Soup wins with 1 vote",
  ]);
  const counts = messages.map((message) => Object.values(fields(message)).join(""));
  assert.deepEqual(counts, ["00", "10", "01", "00", "000", "001", "001"]);
  assert.deepEqual(fields(messages[5]), { Pizza: "0", Sushi: "0", Soup: "1" });
  assert.deepEqual(messages[5].thread.status, { value: "open", color: "green" });
  assert.deepEqual(messages[6].thread.status, { value: "closed", color: "red" });
  const actions = ({ thread }) => thread.actions.map(({ name }) => name);
  assert.deepEqual(actions(messages[5]), ["Vote for Pizza", "Vote for Sushi", "Vote for Soup"]);
  assert.deepEqual(actions(messages[6]), []);
  assert.equal(messages[6].thread.external_url, poll, "which a ViewAction would only repeat");
  assert.equal((await ann.change(poll, "vote", "1")).status, 409);
});

test("a comment is posted as a discussion", async () => {
  const poll = await ann.create("Dessert?", "Yes", "No");
  await ann.change(poll, "comment", "1 < 2 & <b>bold</b>");
  const [, comment] = await told(poll, 2);
  assert.deepEqual([comment.event, comment.author.name], ["discussion", "Ann"]);
  assert.equal(comment.body, "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;");
  assert.match((await ann.open(poll)).text, /<b>Ann<\/b>: 1 &lt; 2 &amp; &lt;b&gt;bold&lt;\/b&gt;/);
});

test("HTML in a question, an option or a name arrives as text", async () => {
  const bob = await all.visitor().logIn("<i>Bob</i>");
  const nasty = `<script>alert("1")</script>`;
  const poll = await bob.create(nasty, `<img src=x onerror=alert(1)>`, "& more");
  const [{ thread, author }] = await told(poll, 1);
  assert.equal(thread.title, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  assert.equal(thread.fields[0].label, "&lt;img src=x onerror=alert(1)&gt;");
  assert.deepEqual([author.name, thread.actions[0].name], ["<i>Bob</i>", "Vote for <img src=x onerror=alert(1)>"]);
  for (const path of [poll, "/"]) {
    const { text } = await bob.open(path);
    assert.doesNotMatch(text, /<script|<img|<i>/);
  }
  assert.match((await bob.open(poll)).text, /You are &lt;i&gt;Bob&lt;\/i&gt;/);
});

test("simultaneous votes of many people are all counted, and posted one by one", async () => {
  const poll = await ann.create("Everybody?", "Yes", "No");
  const people = await Promise.all(Array.from({ length: 40 }, (_, number) => all.visitor().logIn(`Voter ${number}`)));
  const answers = await Promise.all(people.map((one) => one.change(poll, "vote", "1")));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
  assert.deepEqual(await ann.votes(poll), { Yes: 40, No: 0 });
  const messages = await told(poll, 41);
  assert.deepEqual(
    messages.map((message) => fields(message).Yes),
    Array.from({ length: 41 }, (_, votes) => String(votes)),
  );
});

test("a vote counts while Flowdock fails, and is posted later in order", async () => {
  const poll = await ann.create("Still there?", "Yes", "No");
  await told(poll, 1);
  all.proxy.state.down = true;
  await ann.change(poll, "vote", "1");
  await ann.change(poll, "comment", "Anybody?");
  await ann.change(poll, "vote", "2");
  assert.deepEqual(await ann.votes(poll), { Yes: 0, No: 1 });
  await until(() => all.proxy.counts["reset before"] >= 2, "two tries in vain");
  assert.equal((await told(poll, 1)).length, 1);
  all.proxy.state.down = false;
  const messages = await told(poll, 4);
  assert.deepEqual(titles(messages).slice(1), [
    "voted for Yes",
    "commented on the poll",
    "changed a vote from Yes to No",
  ]);
});

test("a message that failed is posted by a later alarm, before newer messages", async () => {
  all.proxy.state.script = ["503", "503"];
  const poll = await ann.create("Later?", "Yes", "No");
  const failed = () => all.proxy.counts["503"];
  await until(() => failed() >= 1, "an alarm in vain");
  await ann.change(poll, "vote", "1");
  assert.deepEqual(titles(await told(poll, 2)), ["created the poll", "voted for Yes"]);
  assert.equal(failed(), 2);
});

test("a Retry-After holds back the flow's message, and no vote", async () => {
  faults["for an hour"] = ({ response }) => response.writeHead(503, { "retry-after": "3600" }).end();
  all.proxy.state.script = ["for an hour"];
  const poll = await ann.create("In an hour?", "Yes", "No");
  await until(() => all.proxy.counts["for an hour"] === 1, "an alarm in vain");
  assert.equal((await ann.change(poll, "vote", "1")).status, 303);
  assert.deepEqual(await ann.votes(poll), { Yes: 1, No: 0 });
});

test("a refused message is shown as the source's problem until the next message is posted", async () => {
  const poll = await ann.create("Refused?", "Yes", "No");
  await told(poll, 1);
  all.proxy.state.script = ["400"];
  await ann.change(poll, "vote", "1");
  const problem = async () => (await all.inbox.get("/sources")).at(-1).error_message ?? "";
  assert.match(await until(problem, "the problem"), /^A message of Polldock was refused: /);
  assert.match((await ann.open("/")).text, /A message of Polldock was refused/);
  await ann.change(poll, "vote", "2");
  await until(async () => (await problem()) === "", "no problem any more");
  assert.doesNotMatch((await ann.open("/")).text, /was refused/);
  assert.deepEqual(titles(await told(poll, 2)), ["created the poll", "changed a vote from Yes to No"]);
});

// Genuine and forged clicks

const base64url = (text) => Buffer.from(text).toString("base64url");

function click(
  poll,
  option,
  { secret = all.polldock.application.client_secret, userId = "7", expires = 30, url = undefined } = {},
) {
  const urlTemplate = url ?? `${poll}/vote?option=${option}`;
  const agent = { "@type": "Person", name: "Marty" };
  const target = { "@type": "EntryPoint", urlTemplate, httpMethod: "POST" };
  const body = JSON.stringify({ "@type": "UpdateAction", name: "Vote", target, agent });
  const signature = createHash("sha256").update(body).digest("hex");
  const claims = { sub: userId, exp: Math.floor(Date.now() / 1000) + expires, signature };
  const signed = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify(claims))}`;
  const token = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  return {
    url: urlTemplate,
    method: "POST",
    headers: { "flowdock-token": token, "content-type": "application/json" },
    body,
  };
}

async function send({ url, ...init }) {
  const response = await fetch(url, init);
  return { status: response.status, login: response.headers.get("www-authenticate"), ...(await response.json()) };
}

/** Links a Flowdock user to a person with the login challenge, and returns the URL of the challenge. */
async function link(poll, userId, name) {
  // Another expiry gives another token. Two clicks on one action within a second have the same token, and a token is accepted only once.
  const { status, login } = await send(click(poll, 1, { userId, expires: 20 }));
  assert.equal(status, 401);
  const [, url] = /^Flowdock-Token url=(\S+)$/.exec(login);
  const claim = new URL(url).searchParams.get("claim");
  const answer = await all.visitor().open("/login", { name, claim });
  assert.equal(answer.status, 200, answer.text);
  return url;
}

test("forged and stale clicks change nothing", async () => {
  const poll = await ann.create("Forged?", "Yes", "No");
  const other = await ann.create("The other?", "Yes", "No");
  await link(poll, "1001", "Doc");
  const good = click(poll, 2, { userId: "1001" });
  const { headers } = good;
  for (const [what, request, error] of /** @type {any[][]} */ ([
    ["no token", { ...good, headers: {} }, "token_missing"],
    ["another secret", click(poll, 1, { userId: "1001", secret: "guessed" }), "signature_invalid"],
    ["another body", { ...good, body: good.body.replace("Marty", "Biff") }, "body_mismatch"],
    ["another option", { ...good, url: `${poll}/vote?option=1` }, "url_mismatch"],
    ["another poll", { ...good, url: `${other}/vote?option=2` }, "url_mismatch"],
    ["too late", click(poll, 1, { userId: "1001", expires: -10 }), "token_expired"],
    ["the token in two pieces", { ...good, headers: { ...headers, "flowdock-token": "a.b" } }, "token_malformed"],
  ])) {
    assert.deepEqual(await send(request), { status: 403, login: null, error }, what);
  }
  // This request has a session but no signature.
  const cookies = await ann.open(`${poll}/vote?option=1`, { change: "vote", value: "1" });
  assert.deepEqual([cookies.status, JSON.parse(cookies.text).error], [403, "token_missing"]);
  assert.deepEqual(
    [await ann.votes(poll), await ann.votes(other)],
    [
      { Yes: 0, No: 0 },
      { Yes: 0, No: 0 },
    ],
  );
  assert.equal((await send(good)).status, 200);
  assert.deepEqual(await ann.votes(poll), { Yes: 0, No: 1 });
});

test("a repeated click counts once", async () => {
  const poll = await ann.create("Again?", "Yes", "No");
  await link(poll, "1002", "Jennifer");
  const [yes, no] = [1, 2].map((option) => click(poll, option, { userId: "1002" }));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(yes)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(403)]);
  assert.deepEqual([...new Set(answers.map(({ error }) => error))].sort(), ["replayed", undefined]);
  // The last click counts, and repeating an older click does not change that.
  assert.equal((await send(no)).status, 200);
  assert.equal((await send(yes)).error, "replayed");
  assert.deepEqual(await ann.votes(poll), { Yes: 0, No: 1 });
  assert.deepEqual(titles(await told(poll, 3)), ["created the poll", "voted for Yes", "changed a vote from Yes to No"]);
});

test("a claim links only its own Flowdock user, and only once", async () => {
  const poll = await ann.create("Linked?", "Yes", "No");
  const url = await link(poll, "1003", "Lorraine");
  const claim = new URL(url).searchParams.get("claim");
  assert.equal((await all.visitor().open("/login", { name: "Biff", claim })).status, 409);
  const forged = claim.replace(/^[^.]+\.[^.]+/, (head) => head.slice(0, -1) + (head.endsWith("A") ? "B" : "A"));
  for (const [what, bad] of [
    ["forged", forged],
    ["no claim", "x"],
    ["a replayed click's token", "a.b.c"],
  ]) {
    assert.equal((await all.visitor().open("/login", { name: "Biff", claim: bad })).status, 400, what);
    assert.equal((await all.visitor().open(`/login?claim=${bad}`)).status, 400, what);
  }
  await send(click(poll, 2, { userId: "1003" }));
  assert.equal((await told(poll, 2))[1].author.name, "Lorraine");
});

test("a token that is signed for one purpose is refused for another", async () => {
  const poll = await ann.create("Purpose?", "Yes", "No");
  const { login } = await send(click(poll, 1, { userId: "1004" }));
  const claim = new URL(login.split("url=")[1]).searchParams.get("claim");
  const answer = await all.visitor().open(poll, { change: "vote", value: "1" }, { cookie: `session=${claim}` });
  assert.match(answer.location, /\/login\?next=/);
  assert.deepEqual(await ann.votes(poll), { Yes: 0, No: 0 });
});

test("invalid requests are refused", async () => {
  const { url } = all.polldock;
  const poll = await ann.create("Possible?", "Yes", "No");
  for (const [what, answer, status] of [
    ["an unknown option", ann.change(poll, "vote", "99"), 404],
    ["an unknown change", ann.change(poll, "constructor"), 404],
    ["a blank comment", ann.change(poll, "comment", " "), 400],
    [
      "one option alone",
      ann.open("/polls", [
        ["title", "One?"],
        ["option", "Yes"],
        ["option", "Yes "],
      ]),
      400,
    ],
    [
      "no title",
      ann.open("/polls", [
        ["title", ""],
        ["option", "Yes"],
        ["option", "No"],
      ]),
      400,
    ],
    ["a name too long", all.visitor().open("/login", { name: "x".repeat(61) }), 400],
    ["an unknown poll", ann.open(`/polls/${"0".repeat(64)}`), 404],
    ["no poll", ann.open("/polls/x"), 404],
    ["what is no form", fetch(`${url}/login`, { method: "POST", headers: { origin: url }, body: "name=Ann" }), 400],
    ["a form of another site", ann.open(poll, { change: "close" }, { origin: "https://evil.example" }), 403],
    ["a form of nowhere", ann.open(poll, { change: "close" }, { origin: "null" }), 403],
  ]) {
    assert.equal((await answer).status, status, what);
  }
  const stranger = await all.visitor().change(poll, "close");
  assert.deepEqual([stranger.status, new URL(stranger.location).pathname], [303, "/login"]);
  const { text } = await ann.open(poll);
  assert.match(text, /class="status open"/);
  assert.equal(text.match(/<output>/g).length, 2);
});

test("a poll is closed only after a question, which is not asked of a closed poll", async () => {
  const poll = await ann.create("Close?", "Yes", "No");
  const { status, text } = await ann.open(`${poll}/close`);
  assert.deepEqual([status, /Close this poll\?/.test(text), text.includes(`action="${poll}"`)], [200, true, true]);
  assert.match((await ann.open(poll)).text, /class="status open"/, "the question closes nothing");
  await ann.change(poll, "close");
  const closed = await ann.open(`${poll}/close`);
  assert.equal(closed.status, 409);
  assert.ok(closed.text.includes(`<a href="${poll}" class="button">Back to the poll</a>`), closed.text);
  assert.equal((await ann.open(`/polls/${"0".repeat(64)}/close`)).status, 404);
});

test("a login redirects only to pages of Polldock", async () => {
  for (const [next, path] of [
    ["/polls/ab12", "/polls/ab12"],
    ["//evil.example", "/"],
    ["https://evil.example/polls/x", "/"],
  ]) {
    const { location } = await all.visitor().open("/login", { name: "Ann", next });
    assert.equal(location, all.polldock.url + path);
  }
});
