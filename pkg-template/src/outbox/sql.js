// Stores that keep the entries in SQLite: in a file, or in a Durable Object.
//
// An entry is `head` if it is the first in each of its lanes. The index of the heads makes `take` and `next` independent of how many entries
// wait behind them. A lease is a `due` in the future: a process that ends with one leaves nothing to clean up. Each `take` counts
// `attempts` up, so the number names the lease, and a holder whose lease has ended settles nothing.

/**
 * @typedef {import("../../outbox.js").NewEntry} NewEntry
 * @typedef {import("../../outbox.js").Entry} Entry
 * @typedef {(query: string, ...values: any[]) => any[]} Rows Runs a statement and returns its rows.
 */

const TABLES = `
CREATE TABLE IF NOT EXISTS flowdock_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, uuid TEXT NOT NULL,
  lanes TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
  leased INTEGER NOT NULL DEFAULT 0, head INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (source, uuid));
CREATE INDEX IF NOT EXISTS flowdock_outbox_due ON flowdock_outbox (due, seq) WHERE head;
CREATE TABLE IF NOT EXISTS flowdock_outbox_lane (source TEXT, lane TEXT, seq INTEGER, PRIMARY KEY (source, lane, seq)) WITHOUT ROWID;`;

/** The names of the lanes in a parameter that is a JSON array. */
const NAMES = "(SELECT value FROM json_each(?))";

class SqlStore {
  #rows;
  #transaction;

  /**
   * @param {Rows} rows
   * @param {(run: () => void) => void} transaction Runs a function, whose changes are made all or not at all.
   * @param {import("../../outbox-sql.js").SqlOutboxOptions} [options]
   */
  constructor(rows, transaction, { alone } = {}) {
    this.#rows = rows;
    this.#transaction = transaction;
    if (alone) rows("UPDATE flowdock_outbox SET due = 0, leased = 0 WHERE head AND leased RETURNING seq");
  }

  /** @param {NewEntry[]} entries */
  put(entries) {
    this.#transaction(() => {
      for (const { source, uuid, lanes, at, body } of entries) {
        const names = JSON.stringify(lanes);
        const isHead = `NOT EXISTS (SELECT 1 FROM flowdock_outbox_lane WHERE source = ? AND lane IN ${NAMES})`;
        const [row] = this.#rows(
          `INSERT INTO flowdock_outbox (source, uuid, lanes, at, body, head) SELECT ?, ?, ?, ?, ?, ${isHead} WHERE true
            ON CONFLICT DO NOTHING RETURNING seq`,
          ...[source, uuid, names, at, body, source, names],
        );
        if (!row) continue;
        const lane = "INSERT INTO flowdock_outbox_lane SELECT ?, value, ? FROM json_each(?) RETURNING seq";
        this.#rows(lane, source, row.seq, names);
      }
    });
  }

  /**
   * @param {number} now
   * @param {number} until
   * @param {number} max
   * @returns {Entry[]}
   */
  take(now, until, max) {
    const due = "SELECT seq FROM flowdock_outbox WHERE head AND due <= ? ORDER BY due, seq LIMIT ?";
    return this.#rows(
      `UPDATE flowdock_outbox SET due = ?, leased = 1, attempts = attempts + 1 WHERE seq IN (${due})
        RETURNING seq, source, uuid, lanes, at, attempts, body`,
      ...[until, now, max],
    )
      .map((row) => ({ ...row, lanes: JSON.parse(row.lanes) }))
      .sort((one, other) => one.seq - other.seq);
  }

  /**
   * @param {Entry} entry
   * @param {number} [due]
   */
  settle({ seq, attempts, source, lanes }, due) {
    const held = "WHERE seq = ? AND attempts = ? RETURNING seq";
    if (due !== undefined) {
      this.#rows(`UPDATE flowdock_outbox SET due = ?, leased = 0 ${held}`, due, seq, attempts);
      return;
    }
    this.#transaction(() => {
      if (this.#rows(`DELETE FROM flowdock_outbox ${held}`, seq, attempts).length === 0) return;
      const names = JSON.stringify(lanes);
      const lane = `DELETE FROM flowdock_outbox_lane WHERE source = ? AND lane IN ${NAMES} AND seq = ? RETURNING seq`;
      this.#rows(lane, source, names, seq);
      // The next entry of each lane becomes a head, unless it waits for an earlier one in its other lane.
      const next = "SELECT min(seq) FROM flowdock_outbox_lane WHERE source = ? AND lane = value";
      const waits = `SELECT 1 FROM json_each(entry.lanes) JOIN flowdock_outbox_lane earlier ON lane = value
        WHERE earlier.source = entry.source AND earlier.seq < entry.seq`;
      this.#rows(
        `UPDATE flowdock_outbox AS entry SET head = 1 WHERE seq IN (SELECT (${next}) FROM json_each(?)) AND NOT EXISTS (${waits})
          RETURNING seq`,
        ...[source, names],
      );
    });
  }

  /** @param {string} source */
  removeSource(source) {
    this.#transaction(() => {
      for (const table of ["flowdock_outbox", "flowdock_outbox_lane"]) {
        this.#rows(`DELETE FROM ${table} WHERE source = ? RETURNING seq`, source);
      }
    });
  }

  /** @returns {number | undefined} */
  next() {
    const [{ next }] = this.#rows("SELECT min(due) AS next FROM flowdock_outbox WHERE head");
    return next ?? undefined;
  }

  /**
   * @param {string} [source]
   * @returns {import("../../outbox.js").OutboxSize}
   */
  size(source = undefined) {
    const [size] = this.#rows(
      `SELECT count(*) AS entries, coalesce(sum(length(CAST(body AS BLOB))), 0) AS bytes FROM flowdock_outbox WHERE coalesce(source = ?, true)`,
      source ?? null,
    );
    return { ...size };
  }
}

/** @type {typeof import("../../outbox-sql.js").sqlOutbox} */
export function sqlOutbox(db, options) {
  // A message that was stored must survive a power cut. The other connections of a file may write for a moment.
  db.exec(`PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;${TABLES}`);
  return new SqlStore(
    (query, ...values) => db.prepare(query).all(.../** @type {never[]} */ (values)),
    (run) => {
      // Inside a transaction of the caller it is a part of that.
      const [begin, commit, rollback] =
        db.inTransaction || db.isTransaction
          ? ["SAVEPOINT outbox", "RELEASE outbox", "ROLLBACK TO outbox; RELEASE outbox"]
          : ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"];
      db.exec(begin);
      try {
        run();
        db.exec(commit);
      } catch (error) {
        // After a failure such as a full disk, SQLite may have ended the transaction by itself.
        if (db.inTransaction ?? db.isTransaction ?? true) db.exec(rollback);
        throw error;
      }
    },
    options,
  );
}

/** The time limit of a drain in an alarm, in milliseconds. The platform ends an alarm after 15 minutes. */
const LONGEST_DRAIN_MS = 600_000;
/** How long after a failure the next alarm comes, in milliseconds. */
const AFTER_FAILURE_MS = 60_000;

class DurableObjectStore extends SqlStore {
  #storage;

  /**
   * @param {import("../../outbox-sql.js").DurableObjectContext} ctx
   */
  constructor({ storage }) {
    storage.sql.exec(TABLES);
    super(
      (query, ...values) => storage.sql.exec(query, .../** @type {never[]} */ (values)).toArray(),
      (run) => storage.transactionSync(run),
      // There is one instance of an object, so whoever held a lease has ended.
      { alone: true },
    );
    this.#storage = storage;
  }

  /** @param {NewEntry[]} entries */
  put(entries) {
    super.put(entries);
    this.#storage.setAlarm(Date.now());
  }

  /** @param {import("../../outbox.js").Outbox} outbox */
  async alarm(outbox) {
    let next;
    try {
      next = await outbox.drain({ signal: AbortSignal.timeout(LONGEST_DRAIN_MS) });
    } catch (error) {
      // Nothing is thrown: the platform gives up an alarm that has thrown six times.
      console.error("the outbox could not be drained:", error);
      next = Date.now() + AFTER_FAILURE_MS;
    }
    if (next !== undefined) await this.#storage.setAlarm(next);
  }
}

/** @type {typeof import("../../outbox-sql.js").durableObjectOutbox} */
export const durableObjectOutbox = (ctx) => new DurableObjectStore(ctx);
