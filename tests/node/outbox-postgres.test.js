// The store in PostgreSQL: it does what every store must do, and is a part of its caller's transactions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { postgresOutbox, postgresOutboxSchema } from "flowdock-integration/outbox/postgres";
import { contract, entry, measure } from "./support/outbox-contract.js";
import { emptySchema, queryOf } from "./support/postgres.js";

const opener = async () => {
  const pool = await emptySchema();
  return () => postgresOutbox(queryOf(pool()));
};
const uuids = (entries) => entries.map(({ uuid }) => uuid);

for (const { name, run } of contract) test(name, async () => run(await opener()));

test("no operation takes longer because 20,000 entries wait", async (context) => {
  const pool = (await emptySchema())();
  context.diagnostic(JSON.stringify(await measure(() => postgresOutbox(queryOf(pool)))));
  // Judged by what the server reads, since times say little on a busy machine. The tables have more than 3,000 blocks.
  const { rows } = await pool.query("SELECT min(seq) AS seq FROM flowdock_outbox WHERE head AND attempts = 0");
  for (const call of [
    `SELECT flowdock_outbox_settle(${rows[0].seq}, 0)`,
    "SELECT * FROM flowdock_outbox_take(2000000000000, 2000000000001, 4)",
    "SELECT due FROM flowdock_outbox WHERE head ORDER BY due, seq LIMIT 1",
  ]) {
    const explained = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${call}`);
    const [{ Plan: plan }] = explained.rows[0]["QUERY PLAN"];
    const blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    assert.ok(blocks < 1_000, `${call} reads ${blocks} blocks`);
    context.diagnostic(`${blocks} blocks: ${call}`);
  }
});

test("put is a part of the caller's transaction, at every isolation level", async () => {
  const pool = (await emptySchema())();
  const store = postgresOutbox(queryOf(pool));
  await store.put([entry("0", ["x"])]);
  const connection = await pool.connect();
  await connection.query("CREATE TABLE changes (what text)");
  for (const [index, level] of ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"].entries()) {
    for (const end of ["ROLLBACK", "COMMIT"]) {
      await connection.query(`BEGIN ISOLATION LEVEL ${level}`);
      await connection.query("INSERT INTO changes VALUES ($1)", [level]);
      const [before] = await store.take(0, 1, 1);
      // The lane is handed on while the transaction, whose snapshot is older, adds to it.
      await store.put([entry(`${index + 1}`, ["x"])], queryOf(connection));
      if (end === "COMMIT") await store.settle(before);
      else await store.settle(before, 0);
      await connection.query(end);
    }
    const { rows } = await connection.query("SELECT * FROM changes");
    assert.deepEqual([rows.length, await store.size()], [index + 1, { entries: 1, bytes: 12 }], level);
  }
  assert.deepEqual(uuids(await store.take(0, 1, 8)), ["3"]);
  connection.release();
});

test("an entry that commits late waits for the one of its lane that is under way", async () => {
  const pool = (await emptySchema())();
  const store = postgresOutbox(queryOf(pool));
  await store.next();
  const late = await pool.connect();
  await late.query("BEGIN");
  await store.put([entry("1", ["x", "y"])], queryOf(late));
  await store.put([entry("2", ["x"]), entry("3", ["y"]), entry("4", ["x"])]);
  const [two, three, ...none] = await store.take(0, 1, 8);
  assert.deepEqual([uuids([two, three]), none], [["2", "3"], []]);
  await late.query("COMMIT");
  late.release();
  assert.deepEqual(await store.take(0, 1, 8), []);
  await store.settle(two);
  assert.deepEqual(await store.take(0, 1, 8), []);
  await store.settle(three);
  const [one, ...others] = await store.take(0, 1, 8);
  assert.deepEqual([one.uuid, others], ["1", []]);
  await store.settle(one);
  assert.deepEqual(uuids(await store.take(0, 1, 8)), ["4"]);
});

test("a source is dropped while another process adds to it", async () => {
  const pool = (await emptySchema())();
  const store = postgresOutbox(queryOf(pool));
  await store.put([entry("1", ["x"])]);
  const [one] = await store.take(0, 1, 8);
  const late = await pool.connect();
  await late.query("BEGIN");
  await store.put([entry("2", ["x"])], queryOf(late));
  await store.removeSource("a");
  await late.query("COMMIT");
  late.release();
  await store.settle(one);
  assert.deepEqual(uuids(await store.take(0, 1, 8)), ["2"]);
});

test("several processes make the tables at once", async () => {
  const pool = await emptySchema();
  const stores = Array.from({ length: 8 }, () => postgresOutbox(queryOf(pool())));
  assert.deepEqual(await Promise.all(stores.map((store) => store.next())), Array(8).fill(undefined));
});

test("a role that may make nothing uses the tables that another one has made", async () => {
  const pool = (await emptySchema())();
  await pool.query(postgresOutboxSchema);
  const made = [];
  const store = postgresOutbox((text, values) => {
    if (/CREATE/.test(text)) made.push(text);
    return pool.query(text, values);
  });
  await store.put([entry("1")]);
  assert.deepEqual([uuids(await store.take(0, 1, 8)), made], [["1"], []]);
});

test("after a failure the tables are made at the next use; drivers that give the rows themselves work as well", async () => {
  const pool = (await emptySchema())();
  let isDown = true;
  const store = postgresOutbox(async (text, values) => {
    if (isDown) throw new Error("the connection is refused");
    return (await pool.query(text, values)).rows;
  });
  await assert.rejects(store.put([entry("1")]), { message: "the connection is refused" });
  isDown = false;
  await store.put([entry("1")]);
  assert.equal(await store.next(), 0);
});

test("the first put in a transaction makes the tables there, and needs no other connection", async () => {
  const pool = (await emptySchema())();
  const connections = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
  // The pool of the store has no connection left.
  const store = postgresOutbox(() => Promise.reject(new Error("no connection is free")));
  const [one, two, three] = connections;
  await one.query("BEGIN");
  await store.put([entry("1", ["x"])], queryOf(one));
  await one.query("ROLLBACK");
  for (const [index, connection] of [two, three].entries()) {
    await connection.query("BEGIN");
    await store.put([entry(`${index + 2}`, ["x"])], queryOf(connection));
    await connection.query("COMMIT");
  }
  for (const connection of connections) connection.release();
  assert.deepEqual(await postgresOutbox(queryOf(pool)).size(), { entries: 2, bytes: 24 });
});

test("a drain at an isolation level at which a lane could stop is refused", async () => {
  const pool = (await emptySchema())();
  const connection = await pool.connect();
  const store = postgresOutbox(queryOf(connection));
  await store.put([entry("1", ["x"])]);
  const [one] = await store.take(0, 1, 1);
  for (const level of ["repeatable read", "serializable"]) {
    await connection.query(`SET default_transaction_isolation = '${level}'`);
    await store.put([entry(level, ["x"])]);
    for (const call of [() => store.take(0, 1, 1), () => store.settle(one), () => store.removeSource("a")]) {
      await assert.rejects(call(), /read committed/, level);
    }
  }
  await connection.query("SET default_transaction_isolation = 'read committed'");
  await store.settle(one);
  assert.deepEqual(uuids(await store.take(0, 1, 8)), ["repeatable read"]);
  connection.release();
});
