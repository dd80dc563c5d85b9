// The stores in SQLite: every database that this runtime has does what every store must do.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sqlOutbox } from "flowdock-integration/outbox/sql";
import { contract, entry, measure } from "./support/outbox-contract.js";
import { databases, temporaryFile } from "./support/sqlite.js";

/** Opens stores on one file, and closes its databases when all tests are over. */
function opener(Database) {
  const file = temporaryFile();
  const open = [];
  after(() => {
    for (const db of open) db.close();
  });
  return () => {
    const db = new Database(file);
    open.push(db);
    db.exec("PRAGMA journal_mode = WAL");
    return sqlOutbox(db);
  };
}

test("this runtime has the databases that it should have", () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const hasOwn = major > 22 || (major === 22 && minor >= 13);
  // npm has compiled better-sqlite3 for the version of Node that installed it.
  const wanted = process.versions.bun ? "bun:sqlite" : hasOwn ? "node:sqlite" : "better-sqlite3";
  assert.ok(databases[wanted], Object.keys(databases).join());
});

for (const [database, Database] of Object.entries(databases)) {
  for (const { name, run } of contract) test(`${database}: ${name}`, () => run(opener(Database)));

  test(`${database}: no operation takes longer because 20,000 entries wait`, async (context) => {
    context.diagnostic(JSON.stringify(await measure(opener(Database))));
    const db = new Database(":memory:");
    const ran = [];
    const prepare = (sql) => ({
      all(...values) {
        ran.push([sql, values]);
        return db.prepare(sql).all(...values);
      },
    });
    const store = sqlOutbox({ exec: (sql) => db.exec(sql), prepare });
    store.put([entry("1", ["x"]), entry("2", ["x"])]);
    ran.length = 0;
    const [one] = store.take(0, 1, 1);
    store.settle(one, 0);
    store.settle(store.take(0, 1, 1)[0]);
    store.next();
    // Asked of the database itself, since times say little on a busy machine.
    const plans = ran.flatMap(([sql, values]) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values)
        .map(({ detail }) => `${detail}\n    of ${sql}`),
    );
    const scans = plans.filter((plan) =>
      /^SCAN (?!json_each|flowdock_outbox USING COVERING INDEX flowdock_outbox_due)/.test(plan),
    );
    assert.deepEqual([plans.length > 9, scans], [true, []]);
  });

  test(`${database}: put is a part of the caller's transaction`, () => {
    const db = new Database(":memory:");
    const store = sqlOutbox(db);
    db.exec("CREATE TABLE changes (what TEXT)");
    for (const end of ["ROLLBACK", "COMMIT"]) {
      db.exec("BEGIN");
      db.exec("INSERT INTO changes VALUES ('closed')");
      store.put([entry("1", ["x"])]);
      db.exec(end);
      const count = Number(end === "COMMIT");
      assert.deepEqual([store.size().entries, db.prepare("SELECT * FROM changes").all().length], [count, count], end);
    }
    db.close();
  });

  test(`${database}: a process that is alone frees what the last one left under way`, () => {
    const file = temporaryFile();
    const [last, next] = [new Database(file), new Database(file)];
    const store = sqlOutbox(last);
    store.put([entry("1"), entry("2")]);
    const [, two] = store.take(0, 1000, 2);
    store.settle(two, 500);
    last.close();
    const free = sqlOutbox(next, { alone: true });
    // A wait is no lease: it goes on.
    assert.deepEqual([free.take(0, 1000, 2).map(({ uuid }) => uuid), free.next()], [["1"], 500]);
    next.close();
  });
}
