// The files of docs/outbox.md run as they are: with the real inbox, in Node with PostgreSQL, and in workerd.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import BetterSqlite3 from "better-sqlite3";
import { Client } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { sqlOutbox } from "flowdock-integration/outbox/sql";
import { startWorker } from "../../examples/support/worker.js";
import { startFaultProxy } from "./support/fault-proxy.js";
import { files } from "./support/guide.js";
import { startInbox } from "./support/inbox.js";
import { stored } from "./support/judge.js";
import { emptySchema } from "./support/postgres.js";

const guide = files(readFileSync(new URL("../../docs/outbox.md", import.meta.url), "utf8"));
let inbox;
let proxy;

before(async () => {
  inbox = await startInbox();
  proxy = await startFaultProxy(inbox.url);
});
after(() => Promise.all([inbox?.stop(), proxy?.stop()]));

/** Writes a file of the guide beside this one, for as long as `run` takes. */
async function withFile(name, run, change = (code) => code) {
  const { code } = guide.find((file) => file.name === name) ?? assert.fail(name);
  const file = new URL(`./guide-${name}`, import.meta.url);
  writeFileSync(file, change(code));
  try {
    return await run(file);
  } finally {
    rmSync(file);
  }
}

/** Waits until the inbox has a message with this content, and returns how often it has it. */
async function arrived(content) {
  for (;;) {
    const found = (await stored(inbox)).filter((message) => message.content === content);
    if (found.length > 0) return found.length;
    await sleep(20);
  }
}

const workerOf = (file, options) =>
  startWorker(file, { bindings: { FLOWDOCK_URL: proxy.url, FLOWDOCK_TOKEN: inbox.flow_token }, ...options });

test("a Durable Object stores the message beside its change", async () => {
  await withFile("deploys.js", async (file) => {
    const worker = await workerOf(file, { durableObjects: { PROJECTS: { className: "Project", useSQLite: true } } });
    proxy.state.script = ["503"];
    const response = await worker.dispatchFetch("http://a.example", { method: "POST", body: "1.2.3" });
    assert.equal(await response.text(), "deployed\n");
    assert.equal(await arrived("Version 1.2.3 is deployed."), 1);
    await worker.dispose();
  });
});

test("a queue of Cloudflare keeps the message", async () => {
  await withFile("queue.js", async (file) => {
    const worker = await workerOf(file, {
      queueProducers: { POSTS: "posts" },
      queueConsumers: { posts: { maxBatchTimeout: 0, maxRetries: 100 } },
    });
    const response = await worker.dispatchFetch("http://a.example", { method: "POST", body: "from a queue" });
    assert.equal(await response.text(), "stored\n");
    assert.equal(await arrived("from a queue"), 1);
    await worker.dispose();
  });
});

/** Runs a program of the guide in Node with a schema of its own. */
async function inNode(name, run, change) {
  const pool = (await emptySchema())();
  const { rows } = await pool.query("SELECT current_schema() AS schema");
  await withFile(
    name,
    async (file) => {
      const url = new URL(process.env.FLOWDOCK_TEST_POSTGRES);
      url.searchParams.set("options", `-c search_path=${rows[0].schema}`);
      const program = spawn(process.execPath, [fileURLToPath(file)], {
        env: { ...process.env, DATABASE_URL: url.href, FLOWDOCK_URL: proxy.url, FLOWDOCK_TOKEN: inbox.flow_token },
        stdio: ["ignore", "inherit", "inherit"],
      });
      await run(program, pool);
    },
    change,
  );
}

test("a message in PostgreSQL is a part of a transaction", async () => {
  await inNode("orders.js", async (program, pool) => {
    const [status] = await once(program, "exit");
    assert.equal(status, 0);
    assert.equal(await arrived("Order 1234 is shipped."), 1);
    assert.deepEqual((await pool.query("SELECT number FROM shipped")).rows, [{ number: 1234 }]);
  });
});

test("pg-boss keeps the message, and tries again", async () => {
  const change = (code) =>
    code
      .replace("retryDelay: 60", "retryDelay: 1")
      // One request a try, and a schema of its own, as each program that shares a database has one.
      .replace("flowToken });", "flowToken, retry: false });")
      .replace("new PgBoss(DATABASE_URL)", 'new PgBoss({ connectionString: DATABASE_URL, schema: "guide_boss" })');
  proxy.state.script = ["503"];
  await inNode(
    "pg-boss.js",
    async (program, pool) => {
      const ended = once(program, "exit");
      assert.equal(await arrived("The backup is done."), 1);
      assert.equal(proxy.state.script.length, 0, "the first try met the 503");
      program.kill();
      await ended;
      await pool.query("DROP SCHEMA guide_boss CASCADE");
    },
    change,
  );
});

test("drainForever sends what is stored, also after a failure", async () => {
  const answers = [503, 202, 202];
  const sent = [];
  const fetch = (_url, { body }) => {
    sent.push(JSON.parse(body).content);
    return new Response("{}", { status: answers.shift() });
  };
  const outbox = new Outbox({
    store: sqlOutbox(new BetterSqlite3(":memory:")),
    client: () => new Client({ baseUrl: "http://127.0.0.1:2", flowToken: "t", retry: false, fetch }),
    backoff: { baseMs: 2, capMs: 2 },
  });
  await withFile("drain-forever.js", async (file) => {
    const { drainForever } = await import(file.href);
    const drain = drainForever(outbox);
    await outbox.post("a", { event: "message", content: "1" });
    drain();
    while ((await outbox.count()) > 0) await sleep(2);
    await outbox.post("a", { event: "message", content: "2" });
    drain();
    while ((await outbox.count()) > 0) await sleep(2);
  });
  assert.deepEqual(sent, ["1", "1", "2"]);
});
