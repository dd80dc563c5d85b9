// The worker in workerd with the real inbox. The tests sign deliveries as Zendesk does.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { validate } from "flowdock-integration";
import { startInbox } from "../../../tests/node/support/inbox.js";
import { started } from "../../support/started.js";
import { startWorker } from "../../support/worker.js";
import { body, headers, ticket } from "../sample.js";
import { toMessage } from "../src/message.js";
import { doubt } from "../src/signature.js";

const SECRET = "dGhpcyBpcyBhIHNlY3JldA==";
let inbox;
let worker;

before(async () => {
  inbox = await startInbox();
  worker = await start(inbox);
});

after(async () => {
  await worker?.dispose();
  await inbox?.stop();
});

function start({ url, flow_token: token }, options) {
  const bindings = { FLOWDOCK_URL: url, FLOWDOCK_TOKEN: token, ZENDESK_SIGNING_SECRET: SECRET };
  return startWorker(new URL("../src/worker.js", import.meta.url), { bindings, ...options });
}

async function deliver(body, given = headers(SECRET, body), to = worker) {
  const response = await to.dispatchFetch("http://worker/", { method: "POST", headers: given, body });
  return { status: response.status, text: (await response.text()).trim() };
}

const latest = async () => (await inbox.get("/messages?limit=1")).at(-1);

const nothing = Object.fromEntries(Object.keys(ticket).map((name) => [name, name === "ticket.id" ? "35436" : ""]));

/** Makes the message of a ticket that differs from the sample. */
const message = (event, values) => toMessage(JSON.parse(body(event, { ...ticket, ...values })));

test("the messages about a new, answered and solved ticket are in one thread", async () => {
  for (const [event, kind, title, text, status, color] of [
    ["created", "activity", "created the ticket", undefined, "New", "orange"],
    ["replied", "discussion", "replied", "It runs on steam now.<br><br>No plutonium needed.", "Pending", "blue"],
    ["solved", "activity", "solved the ticket", undefined, "Solved", "grey"],
  ]) {
    const sent = body(event, { ...ticket, "ticket.status": status });
    const given = { ...headers(SECRET, sent), "x-zendesk-webhook-invocation-id": `8350${event}` };
    assert.deepEqual(await deliver(sent, given), { status: 200, text: `posted as zendesk:8350${event}` });
    const stored = await latest();
    assert.deepEqual([stored.event, stored.title, stored.body ?? undefined], [kind, title, text]);
    assert.equal(stored.author.name, "Emmett Brown");
    const thread = await inbox.get(`/threads/${stored.thread_id}`);
    assert.deepEqual(thread.status, { value: status, color });
  }
  const threads = await inbox.get("/threads");
  assert.equal(threads.length, 1);
  const [{ title, body: text, external_url: url, fields, actions }] = threads;
  assert.equal(title, "#35436 The flux capacitor fluxes no more");
  assert.equal(text, "It happened at 88 miles per hour.<br>Please help!");
  assert.equal(url, "https://garage.zendesk.com/agent/tickets/35436");
  assert.deepEqual(actions ?? [], [], "a link to the same address would be shown twice");
  assert.deepEqual(
    fields.map(({ label }) => label),
    ["Requester", "Assignee", "Group", "Priority", "Type"],
  );
});

for (const [name, event, values, check] of /** @type {any[][]} */ ([
  [
    "no value except its id",
    "created",
    nothing,
    ({ author, thread }) =>
      assert.deepEqual([author.name, thread], ["Zendesk", { title: "#35436", body: "", fields: [] }]),
  ],
  [
    "a reply without words",
    "replied",
    { "ticket.latest_public_comment": " \n" },
    ({ event }) => assert.equal(event, "activity"),
  ],
  [
    "a status in another language",
    "replied",
    { "ticket.status": "Offen" },
    ({ thread }) => assert.deepEqual(thread.status, { value: "Offen" }),
  ],
  [
    "a final status in another language",
    "solved",
    { "ticket.status": "Gelöst" },
    ({ thread }) => assert.deepEqual(thread.status, { value: "Gelöst", color: "grey" }),
  ],
  [
    "a status that is a key of every object",
    "created",
    { "ticket.status": "__proto__" },
    ({ thread }) => assert.deepEqual(thread.status, { value: "__proto__" }),
  ],
  [
    "a link without its scheme",
    "created",
    { "ticket.link": "garage.zendesk.com/tickets/1" },
    ({ thread }) => assert.equal(thread.external_url, "https://garage.zendesk.com/tickets/1"),
  ],
  ["a blank author", "created", { "current_user.name": " \t" }, ({ author }) => assert.equal(author.name, "Zendesk")],
  [
    "a text that names a placeholder",
    "created",
    { "ticket.title": "What is {{ticket.title}}?" },
    ({ thread }) => assert.equal(thread.title, "#35436 What is {{ticket.title}}?"),
  ],
])) {
  test(`a ticket with ${name} becomes a valid message`, () => {
    const made = message(event, values);
    assert.deepEqual(validate(made).violations, []);
    check(made);
  });
}

/** Returns the warnings that are logged while a message is made. */
function logged(t, make) {
  const { mock } = t.mock.method(console, "warn", () => {});
  const made = make();
  const lines = mock.calls.map(({ arguments: [line] }) => line);
  mock.restore();
  return [made, lines];
}

test("each placeholder that was not filled in is left out and logged", (t) => {
  for (const name of Object.keys(ticket).filter((name) => name !== "ticket.id")) {
    for (const event of ["created", "replied", "solved"]) {
      const [made, lines] = logged(t, () => message(event, { [name]: `{{${name}}}` }));
      assert.deepEqual(validate(made).violations, [], name);
      assert.doesNotMatch(JSON.stringify(made), /\{\{/, name);
      assert.equal(lines.length, 1, name);
      assert.match(lines[0], new RegExp(`^\`[a-z.]+\` is left out: Zendesk did not fill in \\{\\{${name}\\}\\}$`));
    }
  }
  assert.throws(() => message("created", { "ticket.id": "{{ticket.id}}" }), /`ticket.id` is missing/);
});

test("an invalid link is left out and logged", (t) => {
  for (const link of [
    "https://{{ticket.link}}",
    "https://garage.zendesk.com/agent/tickets/{{ticket.id}}",
    "javascript://alert(1)",
    "ftp://garage/1",
    "https://",
    "//",
    "#1",
  ]) {
    const [{ thread }, lines] = logged(t, () => message("created", { "ticket.link": link }));
    assert.equal(thread.external_url, undefined, link);
    assert.deepEqual(lines, ["`ticket.url` is left out: it is no address of the web"]);
  }
});

test("a link with an unfilled placeholder is missing in the posted message, and is in the worker's log", async () => {
  let log = "";
  const keep = (stdout, stderr) => [stdout, stderr].map((stream) => stream.on("data", (chunk) => (log += chunk)));
  const to = await start(inbox, { handleRuntimeStdio: keep });
  const sent = body("created", { ...ticket, "ticket.id": "88", "ticket.link": "{{ticket.link}}" });
  const { status, text } = await deliver(sent, headers(SECRET, sent), to);
  await to.dispose();
  assert.equal(status, 200, text);
  const thread = await inbox.get(`/threads/${(await latest()).thread_id}`);
  assert.deepEqual([thread.title, thread.external_url ?? null], ["#88 The flux capacitor fluxes no more", null]);
  assert.match(log, /`ticket.url` is left out: Zendesk did not fill in \{\{ticket.link\}\}/);
});

test("values that are not texts are left out", () => {
  const values = {
    author: 5,
    comment: ["a"],
    ticket: { id: 7, title: 42, status: null, url: true, priority: false, group: {} },
  };
  const made = toMessage({ event: "replied", ...values });
  assert.deepEqual(validate(made).violations, []);
  assert.deepEqual([made.author.name, made.thread.title], ["5", "#7 42"]);
});

test("a template may leave out all values except the id", () => {
  for (const event of ["created", "replied", "solved"]) {
    const made = toMessage({ event, ticket: { id: 35436 } });
    assert.deepEqual(validate(made).violations, []);
    assert.equal(made.external_thread_id, "zendesk:tickets:35436");
  }
});

test("HTML in any text of a ticket arrives as text", async () => {
  const evil = `<script>alert("1")</script>\\ "&</p><img src=x onerror=1>`;
  const written = [
    "title",
    "verbatim_description",
    "latest_public_comment",
    "requester.name",
    "assignee.name",
    "group.name",
    "priority",
  ];
  const values = Object.fromEntries(written.map((name) => [`ticket.${name}`, evil]));
  const given = { ...ticket, ...values, "ticket.id": "666" };
  for (const event of ["created", "replied", "solved"]) {
    assert.doesNotMatch(JSON.stringify(message(event, given)), /<(script|img)/);
    assert.equal((await deliver(body(event, given))).status, 200);
  }
  const thread = await inbox.get(`/threads/${(await latest()).thread_id}`);
  assert.ok(thread.title.startsWith("#666 &lt;script&gt;alert("));
});

const good = body("created");
const minutes = (count) => new Date(Date.now() + count * 60_000).toISOString();
const without = (name) => Object.fromEntries(Object.entries(headers(SECRET, good)).filter(([key]) => key !== name));
const signature = "x-zendesk-webhook-signature";
const signed = (given) => ({ ...headers(SECRET, good), [signature]: given });
const ours = headers(SECRET, good)[signature];
for (const [name, status, says, given, sent = good] of /** @type {any[][]} */ ([
  ["no signature", 401, /is missing/, without(signature)],
  ["no time", 401, /is missing/, without(`${signature}-timestamp`)],
  ["a signature with another secret", 401, /was not made/, headers("guess", good)],
  ["a signature of another body", 401, /was not made/, headers(SECRET, body("solved"))],
  [
    "a signature of another time",
    401,
    /was not made/,
    { ...headers(SECRET, good), [`${signature}-timestamp`]: minutes(1) },
  ],
  ["a signature in hex", 401, /was not made/, signed(Buffer.from(ours, "base64").toString("hex"))],
  ["a signature that is not base64", 401, /was not made/, signed("!")],
  ["half a signature", 401, /was not made/, signed(ours.slice(0, 20))],
  ["a time six minutes ago", 401, /five minutes/, headers(SECRET, good, minutes(-6))],
  ["a time in six minutes", 401, /five minutes/, headers(SECRET, good, minutes(6))],
  ["an invalid time", 401, /five minutes/, headers(SECRET, good, "yesterday")],
  ["a time four minutes ago", 200, /^posted/, headers(SECRET, good, minutes(-4))],
  [
    "the content type of XML",
    415,
    /application\/json/,
    { ...headers(SECRET, good), "content-type": "application/xml" },
  ],
  [
    "an unescaped quote in its JSON",
    400,
    /no JSON: .*position/,
    undefined,
    '{"event": "created", "author": "Doc "Emmett" Brown"}',
  ],
  ["an unknown event", 500, /one of created, replied, solved/, undefined, body("create")],
  ["a ticket without an id", 500, /`ticket.id` is missing/, undefined, body("created", { ...ticket, "ticket.id": "" })],
  ["no ticket", 500, /`ticket.id` is missing/, undefined, '{"event":"created"}'],
])) {
  test(`a delivery with ${name} gets a ${status}`, async () => {
    const before = (await latest()).id;
    const answer = await deliver(sent, given ?? headers(SECRET, sent));
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, says);
    assert.equal((await latest()).id === before, status !== 200);
  });
}

test("a signature is accepted up to the last second of the tolerance", async () => {
  const time = "2026-01-01T12:00:00Z";
  const bytes = new TextEncoder().encode(good);
  const at = (seconds) =>
    doubt(SECRET, new Headers(headers(SECRET, good, time)), bytes, Date.parse(time) + seconds * 1000);
  for (const seconds of [0, 300, -300]) assert.equal(await at(seconds), undefined);
  for (const seconds of [301, -301]) assert.match(await at(seconds), /five minutes/);
});

test("the answers for a removed source and a wrong token tell the owner what to do", async () => {
  const other = await startInbox();
  const [{ id }] = await other.get("/sources");
  const authorization = `Bearer ${other.api_token}`;
  await fetch(`${other.flowUrl}/sources/${id}`, { method: "DELETE", headers: { authorization } });
  try {
    for (const [target, status, says] of [
      [other, 410, /^a user removed the source/],
      [{ ...other, flow_token: "0123456789abcdef" }, 502, /^not posted: not_found: /],
    ]) {
      const to = await start(target);
      const answer = await deliver(good, headers(SECRET, good), to);
      await to.dispose();
      assert.equal(answer.status, status);
      assert.match(answer.text, says);
    }
  } finally {
    await other.stop();
  }
});

/** Runs send.js as in another terminal, and returns what it printed. */
async function send(options, variables = {}) {
  const path = fileURLToPath(new URL("../send.js", import.meta.url));
  const env = { ...process.env, ...variables };
  return promisify(execFile)("node", [path, ...options], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
  );
}

test("start.js runs the worker, and one command sends a ticket's whole life in the name of Zendesk", async () => {
  const own = await startInbox();
  const { lines, stop } = await started(new URL("../start.js", import.meta.url), own);
  try {
    assert.ok(lines.includes("  node examples/zendesk-webhook/send.js"), lines.join("\n"));
    const exported = lines.find((line) => line.startsWith("  export ")).trim();
    const pairs = exported.split(" ").slice(1);
    const variables = Object.fromEntries(pairs.map((pair) => pair.split("=")));
    const { code, said } = await send([], variables);
    assert.equal(code, 0);
    const sent = said.trim().split("\n");
    assert.deepEqual(
      sent.map((line) => /^#\d+ (\w+) +200 posted as zendesk:/.exec(line)?.[1]),
      ["New", "Open", "Solved"],
    );
    const [thread, ...others] = await own.get("/threads");
    assert.deepEqual([thread.status.value, others], ["Solved", []]);
    assert.deepEqual((await own.get("/messages")).length, 3);
    const sources = (await own.get("/sources")).map(({ name, application }) => `${application.name}: ${name}`);
    assert.deepEqual(sources, ["Example application: Example source", "Zendesk: garage"]);
    assert.equal(thread.source.application, "Zendesk");

    await send([], variables);
    const states = (await own.get("/threads")).map(({ status }) => status.value);
    assert.deepEqual(states, ["Solved", "Solved"], "the next run has a ticket of its own");
    for (const event of ["created", "replied", "solved"]) {
      const { said } = await send([event], variables);
      assert.equal(said, `200 posted as ${(await own.get("/messages?limit=1")).at(-1).uuid}\n`);
    }
  } finally {
    await stop();
    await own.stop();
  }
});

test("send.js says what is missing", async () => {
  const nobody = { ZENDESK_WEBHOOK_URL: "http://127.0.0.1:1", ZENDESK_SIGNING_SECRET: "s" };
  for (const [options, variables, says] of /** @type {any[][]} */ ([
    [[], {}, /^Set ZENDESK_WEBHOOK_URL and ZENDESK_SIGNING_SECRET/],
    [["create"], nobody, /^usage: .*\[created\|replied\|solved\]/],
    [[], nobody, /^No worker answers at http:\/\/127\.0\.0\.1:1: /],
  ])) {
    const { code, said } = await send(options, variables);
    assert.equal(code, 2);
    assert.match(said, says);
  }
});
