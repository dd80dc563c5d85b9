// Storms on the outbox in Node: the program is killed, the database crashes, and somebody sets the clock, while the server is faulty.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { postgresOutbox } from "flowdock-integration/outbox/postgres";
import pg from "pg";
import { random, startFaultProxy } from "./support/fault-proxy.js";
import { startInbox } from "./support/inbox.js";
import { stored } from "./support/judge.js";
import { judgeOutbox } from "./support/outbox-judge.js";
import { emptySchema, queryOf, startCluster } from "./support/postgres.js";
import { databases, temporaryFile } from "./support/sqlite.js";

const LONG = Boolean(process.env.FLOWDOCK_LONG);
const child = fileURLToPath(new URL("support/outbox-child.js", import.meta.url));
const HOUR = 3_600_000;

/** Runs `storm` beside an inbox behind a faulty proxy, and judges what it promised. */
async function withInbox(t, storm) {
  const inbox = await startInbox();
  // Without the faults that refuse a message for good: each message must arrive.
  const proxy = await startFaultProxy(inbox.url, { seed: 1, rate: 0.2, without: /^400|redirect/ });
  try {
    const { promised, ...figures } = await storm({ baseUrl: proxy.url, flowToken: inbox.flow_token }, proxy);
    const row = judgeOutbox(promised, await stored(inbox));
    t.diagnostic(JSON.stringify({ ...row, ...figures, requests: proxy.seen.posts }));
    assert.ok(row.promised > 0);
  } finally {
    await Promise.all([inbox.stop(), proxy.stop()]);
  }
}

/** Starts a life of the program. Its `promised` are the uuids that it prints until it ends. */
function live(life) {
  const program = spawn(process.execPath, ["--no-warnings", child, JSON.stringify(life)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const promised = text(program.stdout).then((printed) => printed.split("\n").slice(0, -1));
  return { program, promised, ended: once(program, "exit") };
}

/** Kills the program again and again. `clocks` are by how much the clock is wrong in its lives, in turn. */
async function kill(t, store, clocks = [0]) {
  await withInbox(t, async (flow, proxy) => {
    const kills = LONG ? 200 : 12;
    const chance = random(1);
    const promised = [];
    const life = { store, flow, count: 900, threads: 5 };
    for (let round = 0; round < kills; round += 1) {
      const one = live({ ...life, round, clockMs: clocks[round % clocks.length] });
      // After some requests, and at any moment of one.
      await proxy.posts(1 + Math.floor(12 * chance()));
      await sleep(4 * chance());
      one.program.kill("SIGKILL");
      await one.ended;
      promised.push(...(await one.promised));
    }
    const [status] = await live({ ...life, count: 0, round: kills, clockMs: Math.max(...clocks) + HOUR }).ended;
    assert.equal(status, 0);
    return { promised, kills };
  });
}

for (const database of Object.keys(databases)) {
  for (const alone of [true, false]) {
    const free = alone ? "at the next start" : "when their lease ends";
    test(`${database}: the program is killed, and its messages are free ${free}`, { timeout: 600_000 }, async (t) => {
      await kill(t, { database, file: temporaryFile(), alone });
    });
  }
}

test("the program is killed while the clock goes back and forth by an hour", { timeout: 600_000 }, async (t) => {
  await kill(t, { database: "better-sqlite3", file: temporaryFile(), alone: true }, [0, HOUR, -HOUR, 0, -HOUR]);
});

test("PostgreSQL: the program is killed", { timeout: 600_000 }, async (t) => {
  const pool = (await emptySchema())();
  const { rows } = await pool.query("SELECT current_schema() AS schema");
  await kill(t, { url: process.env.FLOWDOCK_TEST_POSTGRES, schema: rows[0].schema });
});

test("PostgreSQL crashes while two programs post and send", { timeout: 600_000 }, async (t) => {
  const cluster = await startCluster();
  try {
    await withInbox(t, async (flow, proxy) => {
      const crashes = LONG ? 40 : 4;
      const chance = random(2);
      const promised = [];
      let isOver = false;
      const programs = [0, 1].map(async (name) => {
        const pool = new pg.Pool({ ...cluster.connection, max: 4 });
        pool.on("error", () => {});
        const outbox = new Outbox({
          store: postgresOutbox(queryOf(pool)),
          client: () => new Client({ ...flow, retry: false, timeoutMs: 400 }),
          leaseMs: 500,
          backoff: { baseMs: 10, capMs: 40 },
        });
        const post = async () => {
          for (let number = 0; !isOver; ) {
            const [content, uuid] = [String(number), `${name} ${number}`];
            try {
              await outbox.post("flow", {
                event: "message",
                content,
                uuid,
                external_thread_id: `${name} ${number % 5}`,
              });
              promised.push(uuid);
              number += 1;
            } catch {
              // A program that got no answer posts its message once more: the uuid tells whether it was stored.
            }
            await sleep(5);
          }
        };
        const send = async () => {
          for (let left = 1; left > 0 || !isOver; ) {
            try {
              await outbox.drain();
              left = await outbox.count();
            } catch {
              // The database is away.
            }
            await sleep(10);
          }
        };
        await Promise.all([post(), send()]);
        await pool.end();
      });
      for (let crash = 0; crash < crashes; crash += 1) {
        await proxy.posts(20 + Math.floor(20 * chance()));
        await cluster.crash();
      }
      await proxy.posts(20);
      isOver = true;
      await Promise.all(programs);
      return { promised, crashes };
    });
  } finally {
    await cluster.stop();
  }
});
