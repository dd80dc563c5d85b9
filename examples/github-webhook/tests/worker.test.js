// The worker in workerd with the real inbox. The tests sign deliveries as GitHub does.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sign } from "@octokit/webhooks-methods";
import { startInbox } from "../../../tests/node/support/inbox.js";
import { started } from "../../support/started.js";
import { startWorker } from "../../support/worker.js";
import { TOLD } from "../src/message.js";
import { payloadOf, payloads } from "./support/payloads.js";

const SECRET = "It's a secret to everybody";
let inbox;
let worker;

before(async () => {
  inbox = await startInbox();
  worker = await start({ FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token });
});

after(async () => {
  await worker?.dispose();
  await inbox?.stop();
});

function start(variables, options) {
  const bindings = { GITHUB_WEBHOOK_SECRET: SECRET, ...variables };
  return startWorker(new URL("../src/worker.js", import.meta.url), { bindings, ...options });
}

/** Delivers a payload as GitHub does. Headers that are null are left out. */
async function deliver(event, payload, headers = {}, { to = worker, method = "POST" } = {}) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const all = {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": body && (await sign(SECRET, body)),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  const response = await to.dispatchFetch("http://worker/", {
    method,
    headers: sent,
    ...(method === "POST" && { body }),
  });
  return { status: response.status, text: (await response.text()).trim() };
}

for (const event of TOLD) {
  const actions = new Map(
    payloads.filter((example) => example.event === event).map(({ payload }) => [payload.action, payload]),
  );

  test(`${event} arrives: ${[...actions.keys()].join(", ")}`, async () => {
    for (const [action, payload] of actions) {
      const delivery = randomUUID();
      const answer = await deliver(event, payload, { "x-github-delivery": delivery });
      assert.deepEqual(answer, { status: 200, text: `posted as ${delivery}` }, action);
      const stored = (await inbox.get("/messages?limit=1")).at(-1);
      assert.equal(stored.uuid, delivery);
      assert.equal((await inbox.get(`/threads/${stored.thread_id}`)).title.length > 0, true);
    }
  });
}

test("the messages about an item are in one thread, which has its latest state", async () => {
  const changes = (state) => ({ issue: { number: 77, state }, repository: { full_name: "octo/cat" } });
  await deliver("issues", payloadOf("issues", "opened", changes("open")));
  await deliver("issue_comment", payloadOf("issue_comment", "created", changes("closed")));
  const threads = (await inbox.get("/threads")).filter(({ title }) => title.startsWith("#77 "));
  assert.equal(threads.length, 1);
  assert.deepEqual(threads[0].status, { value: "closed", color: "red" });
  const messages = await inbox.get(`/threads/${threads[0].id}/messages`);
  assert.deepEqual(messages.map(({ event }) => event).sort(), ["activity", "discussion"]);
  await deliver("issues", payloadOf("issues", "deleted", changes("closed")));
  const thread = await inbox.get(`/threads/${threads[0].id}`);
  assert.deepEqual([thread.status.value, thread.body || ""], ["deleted", ""]);
});

test("a script in an issue's title arrives as text", async () => {
  const title = "<script>alert(document.cookie)</script>";
  const payload = payloadOf("issues", "opened", {
    issue: { number: 78, title, body: `${title}\n<img src=x onerror=1>` },
  });
  assert.equal((await deliver("issues", payload)).status, 200);
  const thread = (await inbox.get("/threads")).find((found) => found.title.startsWith("#78 "));
  const shown = "&lt;script&gt;alert(document.cookie)&lt;/script&gt;";
  assert.equal(thread.title, `#78 ${shown}`);
  assert.equal(thread.body, `${shown}<br>&lt;img src=x onerror=1&gt;`);
});

test("a title with half of a surrogate pair arrives", async () => {
  // JSON.stringify writes half of a surrogate pair as an escape.
  const payload = payloadOf("issues", "opened", { issue: { title: "Release 🎉".slice(0, 9) } });
  const { status } = await deliver("issues", payload);
  assert.equal(status, 200);
  const stored = (await inbox.get("/messages?limit=1")).at(-1);
  assert.match(JSON.stringify(stored), /Release \ufffd/);
});

test("an event that is not posted gets an answer", async () => {
  const { length } = await inbox.get("/messages?limit=100");
  for (const event of ["ping", "star", "workflow_run", "pull_request_review_thread", "constructor"]) {
    const payload = payloads.find((example) => example.event === event)?.payload ?? {};
    const text = `nothing is posted for ${event}, only for ${TOLD.join(", ")}`;
    assert.deepEqual(await deliver(event, payload), { status: 202, text });
  }
  const { status, text } = await deliver("issues", {}, { "x-github-event": null });
  assert.equal(status, 202);
  assert.match(text, /^nothing is posted for a delivery without an event, only for issues, /);
  assert.equal((await inbox.get("/messages?limit=100")).length, length);
});

const issue = JSON.stringify(payloadOf("issues", "opened"));
const json = "application/json";
for (const [name, status, headers, body = issue] of [
  ["no signature", 401, { "x-hub-signature-256": null }],
  ["an empty signature", 401, { "x-hub-signature-256": "" }],
  ["a signature with another secret", 401, { "x-hub-signature-256": await sign("guess", issue) }],
  ["a signature of another body", 401, { "x-hub-signature-256": await sign(SECRET, `${issue} `) }],
  ["a signature that is not hexadecimal", 401, { "x-hub-signature-256": `sha256=${"zz".repeat(32)}` }],
  ["half a signature", 401, { "x-hub-signature-256": (await sign(SECRET, issue)).slice(0, -2) }],
  ["a signature without its algorithm", 401, { "x-hub-signature-256": (await sign(SECRET, issue)).slice(7) }],
  ["only the old SHA-1 signature", 401, { "x-hub-signature-256": null, "x-hub-signature": `sha1=${"0".repeat(40)}` }],
  ["an empty body", 401, { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }, ""],
  ["the content type of a form", 415, { "content-type": "application/x-www-form-urlencoded" }],
  ["no content type", 415, { "content-type": null }],
  ["a content type that only begins like that of JSON", 415, { "content-type": "application/jsonp" }],
  ["a body that is not JSON", 400, {}, "{"],
  ["a payload of another form", 500, {}, '{"action":"opened"}'],
  ["JSON that is not an object", 500, {}, "null"],
  ["a sender without a name", 200, {}, JSON.stringify(payloadOf("issues", "opened", { sender: { login: "" } }))],
  ["no sender at all", 200, {}, JSON.stringify({ ...payloadOf("issues", "opened"), sender: undefined })],
  ["a charset in its content type", 200, { "content-type": `${json}; charset=utf-8` }],
]) {
  test(`a delivery with ${name} gets a ${status}`, async () => {
    const before = (await inbox.get("/messages?limit=1")).at(-1).id;
    const answer = await deliver("issues", body, headers);
    assert.equal(answer.status, status, answer.text);
    assert.equal((await inbox.get("/messages?limit=1")).at(-1).id === before, status !== 200);
  });
}

test("a GET request gets a 405 that names POST", async () => {
  assert.equal((await deliver("issues", "", {}, { method: "GET" })).status, 405);
});

test("a worker without its secret refuses each delivery", async () => {
  const to = await start({ GITHUB_WEBHOOK_SECRET: "", FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token });
  const answer = await deliver("issues", issue, {}, { to });
  await to.dispose();
  assert.deepEqual(answer, { status: 500, text: "the worker has no GITHUB_WEBHOOK_SECRET" });
});

test("a repeated delivery is posted with the same uuid, so the inbox stores it once", async () => {
  const delivery = { "x-github-delivery": randomUUID() };
  for (let time = 0; time < 2; time += 1)
    await deliver("push", payloads.find(({ event }) => event === "push").payload, delivery);
  const found = (await inbox.get("/messages?limit=100")).map(({ uuid }) => uuid);
  const copies = found.filter((uuid) => uuid === delivery["x-github-delivery"]);
  assert.equal(copies.length, 1);
});

/** Answers with the status in its path, and with a very long Retry-After. */
/** @type {import("node:http").RequestListener} */
function busy({ url }, response) {
  response.writeHead(Number(url.split("/")[1]), { "retry-after": "3600" }).end();
}

test("a failure is shown beside the delivery and logged, without the token", async () => {
  const other = await startInbox();
  const server = createServer(busy).listen(0, "127.0.0.1");
  await once(server, "listening");
  const served = `http://127.0.0.1:${server.address().port}`;
  const tokens = ["0123456789abcdef", other.flow_token];
  const [{ id }] = await other.get("/sources");
  const authorization = `Bearer ${other.api_token}`;
  const removed = await fetch(`${other.flowUrl}/sources/${id}`, { method: "DELETE", headers: { authorization } });
  assert.equal(removed.status, 204);
  try {
    for (const [address, token, status, says] of [
      [{ FLOWDOCK_URL: other.url }, tokens[0], 502, "not_found"],
      [{ FLOWDOCK_URL: other.url }, tokens[1], 410, "source_removed"],
      [{ FLOWDOCK_URL: `${served}/429` }, tokens[0], 502, "rate_limited"],
      [{ FLOWDOCK_URL: `${served}/503` }, tokens[0], 502, "perhaps not posted: server"],
      [{ FLOWDOCK_URL: "http://inbox.example.com" }, tokens[0], 500, "invalid_option"],
      [{}, tokens[0], 500, "invalid_option"],
    ]) {
      let log = "";
      const keep = (stdout, stderr) => [stdout, stderr].map((stream) => stream.on("data", (chunk) => (log += chunk)));
      const to = await start({ ...address, FLOWDOCK_TOKEN: token }, { handleRuntimeStdio: keep });
      const answer = await deliver("issues", issue, {}, { to });
      await to.dispose();
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.text, status === 410 ? /removed the source/ : new RegExp(says));
      assert.match(log, new RegExp(says.split(" ").at(-1)));
      assert.ok(!tokens.some((secret) => `${log}${answer.text}`.includes(secret)));
    }
  } finally {
    server.close();
    await other.stop();
  }
});

/** Runs send.js as in another terminal, and returns what it printed. */
async function send(options, variables = {}) {
  const path = fileURLToPath(new URL("../send.js", import.meta.url));
  const env = { ...process.env, ...variables };
  return promisify(execFile)("node", [path, ...options], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }) => ({ code, said: stderr }),
  );
}

test("start.js runs the worker, and the commands that it prints send webhooks in the name of GitHub", async () => {
  const own = await startInbox();
  const { lines, stop } = await started(new URL("../start.js", import.meta.url), own);
  try {
    const exported = lines.find((line) => line.startsWith("  export ")).trim();
    const variables = Object.fromEntries(
      exported
        .split(" ")
        .slice(1)
        .map((pair) => pair.split("=")),
    );
    const commands = lines.filter((line) => line.startsWith("  node examples/github-webhook/send.js "));
    const events = commands.map((line) => line.split(" ").at(-1));
    assert.deepEqual(events, ["issues.opened", "issue_comment.created", "issues.closed"]);
    for (const event of events) {
      const { said } = await send([event], variables);
      const [{ uuid }] = await own.get("/messages?limit=1");
      assert.equal(said, `200 posted as ${uuid}\n`);
    }
    const [thread, ...others] = await own.get("/threads");
    assert.deepEqual([thread.status, others], [{ value: "closed", color: "red" }, []]);
    const sources = (await own.get("/sources")).map(({ name, application }) => `${application.name}: ${name}`);
    assert.deepEqual(sources, ["Example application: Example source", "GitHub: Codertocat/Hello-World"]);
    assert.equal(thread.source.application, "GitHub");
    assert.match((await send(["star"], variables)).said, /^202 nothing is posted for star, only for issues, /);
  } finally {
    await stop();
    await own.stop();
  }
});

test("start.js leaves an inbox with other applications as it is", async () => {
  const own = await startInbox();
  const headers = { authorization: `Bearer ${own.api_token}`, "content-type": "application/json" };
  await fetch(`${own.url}/oauth/applications`, { method: "POST", headers, body: '{"name":"Ours"}' });
  const { stop } = await started(new URL("../start.js", import.meta.url), own);
  try {
    const applications = await (await fetch(`${own.url}/oauth/applications`, { headers })).json();
    assert.deepEqual(
      applications.map(({ name }) => name),
      ["Example application", "Ours"],
    );
    assert.equal((await own.get("/sources")).length, 1);
  } finally {
    await stop();
    await own.stop();
  }
});

test("send.js lists what is posted, and the rest only when asked", async () => {
  const { code, said } = await send([]);
  assert.equal(code, 2);
  assert.match(said, /\n {2}issues\.edited .*issues\.closed\n/);
  for (const event of TOLD) assert.ok(said.includes(`\n  ${event}`), event);
  assert.doesNotMatch(said, /\bstar\b/);
  assert.match((await send(["--all"])).said, /\bstar\b/);
  assert.match((await send(["issues.lost"])).said, /^There is no example of issues\.lost\. There are:\n\n {2}issues\./);
  assert.match((await send(["nothing"])).said, /^There is no example of nothing\.\n\nThe worker posts these events:/);
  assert.match((await send(["issues.opened"])).said, /^Set GITHUB_WEBHOOK_URL and GITHUB_WEBHOOK_SECRET/);
  const nobody = { GITHUB_WEBHOOK_URL: "http://127.0.0.1:1", GITHUB_WEBHOOK_SECRET: "s" };
  assert.match((await send(["issues.opened"], nobody)).said, /^No worker answers at http:\/\/127\.0\.0\.1:1: /);
});
