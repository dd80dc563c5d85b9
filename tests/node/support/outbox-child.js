// A program with an outbox, which a storm kills at any moment. Its one argument is a Life as JSON. It prints the uuid of each message that the
// outbox has promised to keep.

import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { postgresOutbox } from "flowdock-integration/outbox/postgres";
import { sqlOutbox } from "flowdock-integration/outbox/sql";
import pg from "pg";
import { queryOf } from "./postgres.js";
import { databases } from "./sqlite.js";

/**
 * @typedef {object} Life
 * @property {{ database: string, file: string, alone: boolean } | { url: string, schema: string }} store
 * @property {{ baseUrl: string, flowToken: string }} flow
 * @property {number} round Counts the lives, so that the numbers of the messages ascend.
 * @property {number} count How many messages to post. With 0 the program ends when nothing waits.
 * @property {number} threads
 * @property {number} clockMs By how much the clock is wrong.
 */

/** The first request of a message and no other, so that a lease can be short. */
const REQUEST_MS = 400;

/** @type {Life} */
const { store, flow, round, count, threads, clockMs } = JSON.parse(process.argv[2]);
const { now } = Date;
Date.now = () => now() + clockMs;

function open() {
  if ("url" in store) {
    const pool = new pg.Pool({ connectionString: store.url, options: `-c search_path=${store.schema}` });
    return postgresOutbox(queryOf(pool));
  }
  const db = new databases[store.database](store.file);
  db.exec("PRAGMA journal_mode = WAL");
  return sqlOutbox(db, { alone: store.alone });
}

const outbox = new Outbox({
  store: open(),
  client: () => new Client({ ...flow, retry: false, timeoutMs: REQUEST_MS }),
  leaseMs: REQUEST_MS + 100,
  backoff: { baseMs: 10, capMs: 40 },
});

const send = async () => {
  while (count > 0 || (await outbox.count()) > 0) {
    const next = (await outbox.drain()) ?? Infinity;
    await sleep(Math.max(1, Math.min(next - Date.now(), 20)));
  }
};

const post = async () => {
  for (let index = 0; index < count; index += 1) {
    const message = {
      event: "message",
      content: String(1_000 * round + index),
      external_thread_id: `thread ${index % threads}`,
      uuid: `${round} ${index}`,
    };
    process.stdout.write(`${(await outbox.post("flow", message)).uuid}\n`);
    await sleep(1);
  }
};

await Promise.all([send(), post()]);
process.exit();
