// A store that keeps the entries in PostgreSQL, where `put` can be a part of a transaction of the caller.
//
// `put` only inserts, so it takes no lock of the outbox and is right at every isolation level. `head` is NULL until `take` has looked at an
// entry; then it says whether the entry is the first in each of its lanes. `settle` hands the mark on. Both are functions in the database that hold one lock, because each
// of their statements must see what the others have committed. An entry that commits late can have a lower number than one that is under
// way: it waits for that one.
//
// A lease is a `due` in the future: a process that ends with one leaves nothing to clean up. Each `take` counts `attempts` up, so the number
// names the lease, and a holder whose lease has ended settles nothing.

/**
 * @typedef {import("../../outbox.js").Entry} Entry
 * @typedef {import("../../outbox-postgres.js").Query} Query
 */

/** How many new entries one `take` looks at, at least. If there are more, `next` is in the past, and the next `take` goes on. */
const NEW_ENTRIES = 16;

/** How the functions are planned: once, and by the indexes, also while the statistics still say that the tables are empty. */
const FUNCTION = "LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$";
const LOCK = "PERFORM pg_advisory_xact_lock(hashtext('flowdock_outbox'));";

/** At another isolation level a statement would not see what the last holder of the lock has committed, and a lane could stop for ever. */
const LOCK_AND_SEE = `IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the outbox is drained at the isolation level read committed only';
  END IF;
  ${LOCK}`;

/** A version that changes the functions gives them other names, since programs with this one may still call them. */
export const postgresOutboxSchema = `DO $schema$ BEGIN
${LOCK}
CREATE TABLE IF NOT EXISTS flowdock_outbox (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, uuid text NOT NULL,
  lanes text[] NOT NULL, at bigint NOT NULL, attempts int NOT NULL DEFAULT 0, due bigint NOT NULL DEFAULT 0, head boolean,
  body text NOT NULL, UNIQUE (source, uuid));
CREATE INDEX IF NOT EXISTS flowdock_outbox_new ON flowdock_outbox (seq) WHERE head IS NULL;
CREATE INDEX IF NOT EXISTS flowdock_outbox_due ON flowdock_outbox (due, seq) WHERE head;
CREATE TABLE IF NOT EXISTS flowdock_outbox_lane (source text, lane text, seq bigint, head boolean NOT NULL DEFAULT false,
  PRIMARY KEY (source, lane, seq));
CREATE INDEX IF NOT EXISTS flowdock_outbox_lane_seq ON flowdock_outbox_lane (seq);
CREATE UNIQUE INDEX IF NOT EXISTS flowdock_outbox_lane_head ON flowdock_outbox_lane (source, lane) WHERE head;

CREATE OR REPLACE FUNCTION flowdock_outbox_mark(numbers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH marked AS (
    UPDATE flowdock_outbox entry SET head = NOT EXISTS (SELECT 1 FROM unnest(lanes) name, LATERAL (
        SELECT 1 FROM flowdock_outbox_lane WHERE source = entry.source AND lane = name AND seq < entry.seq LIMIT 1) earlier)
      AND NOT EXISTS (SELECT 1 FROM unnest(lanes) name, LATERAL (
        SELECT 1 FROM flowdock_outbox_lane WHERE source = entry.source AND lane = name AND head LIMIT 1) under_way)
    WHERE seq = ANY (numbers) RETURNING seq, head)
  UPDATE flowdock_outbox_lane lane SET head = true FROM marked WHERE marked.head AND lane.seq = marked.seq;
END $$;

CREATE OR REPLACE FUNCTION flowdock_outbox_take(now bigint, until bigint, most int) RETURNS SETOF flowdock_outbox ${FUNCTION}
BEGIN
  ${LOCK_AND_SEE}
  PERFORM flowdock_outbox_mark(ARRAY(SELECT seq FROM flowdock_outbox WHERE head IS NULL ORDER BY seq LIMIT greatest(most, ${NEW_ENTRIES})));
  RETURN QUERY UPDATE flowdock_outbox SET due = until, attempts = attempts + 1
    WHERE seq IN (SELECT seq FROM flowdock_outbox WHERE head AND due <= now ORDER BY due, seq LIMIT most) RETURNING *;
END $$;

CREATE OR REPLACE FUNCTION flowdock_outbox_settle(number bigint, lease int) RETURNS void ${FUNCTION}
DECLARE
  gone flowdock_outbox;
BEGIN
  ${LOCK_AND_SEE}
  DELETE FROM flowdock_outbox WHERE seq = number AND attempts = lease RETURNING * INTO gone;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM flowdock_outbox_lane WHERE seq = number;
  PERFORM flowdock_outbox_mark(ARRAY(SELECT (SELECT min(seq) FROM flowdock_outbox_lane WHERE source = gone.source AND lane = name)
    FROM unnest(gone.lanes) name));
END $$;

CREATE OR REPLACE FUNCTION flowdock_outbox_drop(gone text) RETURNS void ${FUNCTION}
BEGIN
  ${LOCK_AND_SEE}
  DELETE FROM flowdock_outbox WHERE source = gone;
  DELETE FROM flowdock_outbox_lane WHERE source = gone;
END $$;
END $schema$`;

class PostgresStore {
  #query;
  /** @type {Promise<unknown> | undefined} */
  #ready;
  #isReady = false;

  /** @param {Query} query */
  constructor(query) {
    this.#query = query;
  }

  /** @type {import("../../outbox-postgres.js").PostgresOutboxStore["put"]} */
  async put(entries, transaction) {
    // A transaction of the caller prepares for itself: another connection may not be free, and what it makes may be rolled back.
    if (transaction && !this.#isReady) await prepare(transaction);
    else await this.#prepared();
    // As JSON text a lane may hold a NUL, which PostgreSQL's texts cannot.
    const written = entries.map((entry) => ({ ...entry, lanes: entry.lanes.map((name) => JSON.stringify(name)) }));
    await (transaction ?? this.#query)(
      `WITH new AS (
        INSERT INTO flowdock_outbox (source, uuid, lanes, at, body)
        SELECT source, uuid, lanes, at, body
        FROM ROWS FROM (json_to_recordset($1::json) AS (source text, uuid text, lanes text[], at bigint, body text)) WITH ORDINALITY
        ORDER BY ordinality ON CONFLICT DO NOTHING RETURNING source, lanes, seq)
      INSERT INTO flowdock_outbox_lane (source, lane, seq) SELECT source, unnest(lanes), seq FROM new`,
      [JSON.stringify(written)],
    );
  }

  /**
   * @param {number} now
   * @param {number} until
   * @param {number} max
   * @returns {Promise<Entry[]>}
   */
  async take(now, until, max) {
    const rows = await this.#rows(
      `SELECT seq, source, uuid, to_json(lanes)::text AS lanes, at, attempts, body FROM flowdock_outbox_take($1, $2, $3) ORDER BY seq`,
      ...[now, until, max],
    );
    return rows.map(({ seq, source, uuid, lanes, at, attempts, body }) => {
      const names = JSON.parse(lanes).map((/** @type {string} */ name) => JSON.parse(name));
      return { seq: Number(seq), source, uuid, lanes: names, at: Number(at), attempts, body };
    });
  }

  /**
   * @param {Entry} entry
   * @param {number} [due]
   */
  async settle({ seq, attempts }, due) {
    if (due === undefined) await this.#rows("SELECT flowdock_outbox_settle($1, $2)", seq, attempts);
    else await this.#rows("UPDATE flowdock_outbox SET due = $1 WHERE seq = $2 AND attempts = $3", due, seq, attempts);
  }

  /** @param {string} source */
  async removeSource(source) {
    await this.#rows("SELECT flowdock_outbox_drop($1)", source);
  }

  async next() {
    const [{ next }] = await this.#rows(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM flowdock_outbox WHERE head IS NULL) THEN 0
        ELSE (SELECT due FROM flowdock_outbox WHERE head ORDER BY due, seq LIMIT 1) END AS next`,
    );
    return next === null ? undefined : Number(next);
  }

  /** @param {string} [source] */
  async size(source) {
    const [{ entries, bytes }] = await this.#rows(
      `SELECT count(*) AS entries, coalesce(sum(octet_length(body)), 0) AS bytes FROM flowdock_outbox
        WHERE $1::text IS NULL OR source = $1`,
      source ?? null,
    );
    return { entries: Number(entries), bytes: Number(bytes) };
  }

  /**
   * @param {string} text
   * @param {any[]} values
   * @returns {Promise<any[]>}
   */
  async #rows(text, ...values) {
    await this.#prepared();
    return rowsOf(await this.#query(text, values));
  }

  #prepared() {
    this.#ready ??= prepare(this.#query).then(
      () => {
        this.#isReady = true;
      },
      (error) => {
        this.#ready = undefined;
        throw error;
      },
    );
    return this.#ready;
  }
}

/**
 * Makes the tables and functions, if they are not there.
 *
 * @param {Query} query
 */
async function prepare(query) {
  // The function that is made last is there only if all are.
  const [{ found }] = rowsOf(await query("SELECT to_regprocedure('flowdock_outbox_drop(text)')::text AS found", []));
  if (!found) await query(postgresOutboxSchema, []);
}

/**
 * Drivers give the rows themselves or an object that has them.
 *
 * @param {any} result
 * @returns {any[]}
 */
const rowsOf = (result) => result.rows ?? result;

/** @type {typeof import("../../outbox-postgres.js").postgresOutbox} */
export const postgresOutbox = (query) => new PostgresStore(query);
