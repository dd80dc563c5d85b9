// Kills the Rust program examples/outbox.rs amid its work, again and again, and judges by what the inbox has stored.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { random, startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";
import { stored } from "./support/judge.js";

const isLong = process.env.FLOWDOCK_LONG !== undefined;
const inboxFile = process.env.FLOWDOCK_INBOX;
// Cargo has built it beside the inbox.
const program = join(dirname(inboxFile), "examples", `outbox${extname(inboxFile)}`);
const THREADS = 5;

let inbox;
let proxy;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "flowdock-outbox-"));
  inbox = await startInbox();
  proxy = await startFaultProxy(inbox.url);
});

after(async () => {
  await Promise.all([inbox?.stop(), proxy?.stop()]);
  await rm(folder, { recursive: true });
});

/** Starts the program. */
function start(name) {
  const env = { ...process.env, FLOWDOCK_URL: proxy.url, FLOWDOCK_TOKEN: inbox.flow_token };
  const child = spawn(program, [join(folder, `${name}.sqlite`)], { env, stdio: ["pipe", "pipe", "pipe"] });
  const seen = { uuids: [], errors: "" };
  child.stderr.setEncoding("utf8").on("data", (text) => {
    seen.errors += text;
  });
  child.stdin.on("error", () => {}); // it was killed while it was written to
  return { child, seen, lines: createInterface({ input: child.stdout }), ended: once(child, "close") };
}

/** Gives the program messages until it has said of so many that they are stored, and kills it at once. Returns their uuids. */
async function killedAfter(count, next) {
  const { child, seen, lines, ended } = start("outbox");
  for (let index = 0; index < count + 3; index += 1) child.stdin.write(next());
  lines.on("line", (uuid) => {
    seen.uuids.push(uuid);
    if (seen.uuids.length === count) child.kill("SIGKILL");
  });
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL", seen.errors);
  return seen.uuids;
}

/** Lets the program send what is left. Returns what it has written to the error output. */
async function sendsTheRest(name) {
  const { child, seen, ended } = start(name);
  child.stdin.end();
  const [code] = await ended;
  assert.equal(code, 0, seen.errors);
  return seen.errors;
}

test("a program that is killed again and again loses nothing, repeats nothing and keeps the order", async () => {
  const rounds = isLong ? 200 : 20;
  const number = random(21);
  let made = 0;
  const next = () => {
    made += 1;
    return `thread-${made % THREADS} ${made}\n`;
  };
  const promised = [];
  // A post that fails once in a while, so that threads wait while others go on.
  proxy.state.rate = 0;
  for (let round = 0; round < rounds; round += 1) {
    proxy.state.script = ["reset after", "", "503", "", "502 after", "429 with Retry-After"].slice(0, 1 + (round % 6));
    promised.push(...(await killedAfter(1 + Math.floor(number() * 12), next)));
  }
  proxy.state.script = [];
  await sendsTheRest("outbox");

  const messages = await stored(inbox);
  const times = new Map();
  const latest = new Map();
  for (const { uuid, thread_id: thread, content } of messages) {
    times.set(uuid, (times.get(uuid) ?? 0) + 1);
    assert.ok(Number(content) > (latest.get(thread) ?? 0), `${content} came after a newer message of its thread`);
    latest.set(thread, Number(content));
  }
  assert.deepEqual(
    promised.filter((uuid) => !times.has(uuid)),
    [],
    "nothing is lost",
  );
  assert.deepEqual(
    [...times].filter(([, copies]) => copies > 1),
    [],
    "nothing is there twice",
  );
  // A message may be stored just before the program can say so, but nothing else is.
  assert.ok(messages.length >= promised.length && messages.length <= promised.length + rounds);
  assert.ok(proxy.seen.posts > messages.length, "some were sent more than once");
  assert.equal(new Set(messages.map(({ thread_id: thread }) => thread)).size, THREADS);
});

test("what a server refuses is told, and the token never", async () => {
  proxy.state.script = ["400", "410"];
  const { child, seen, ended } = start("refused");
  child.stdin.end("thread-a 1\nthread-b 2\n");
  const [code] = await ended;
  assert.equal(code, 0);
  const [refused, removed] = seen.errors.split("\n");
  assert.match(refused, /^[0-9a-f-]{36} is refused: the server refused it \(400\): Validation error; content is not /);
  assert.equal(removed, "example was removed: delete its token");
  assert.ok(!seen.errors.includes(inbox.flow_token));
  assert.equal(await sendsTheRest("refused"), "");
});
