// The entry `flowdock-integration/outbox/postgres`: outboxes in PostgreSQL.

import type { Entry, NewEntry, OutboxSize, OutboxStore } from "./outbox.js";

/**
 * Runs one statement with the values of `$1`, `$2` and so on, and resolves to its rows, or to an object with `rows`. Without a transaction it
 * commits at once.
 */
export type Query = (text: string, values: (string | number | null)[]) => PromiseLike<{ rows: unknown[] } | unknown[]>;

/** A store in PostgreSQL. */
export interface PostgresOutboxStore extends OutboxStore {
  /**
   * Stores the entries. With `transaction`, which runs statements in a transaction of yours, they are there if and when you commit.
   *
   * @example
   * await connection.query("BEGIN");
   * await connection.query("UPDATE polls SET status = 'closed' WHERE id = $1", [id]);
   * await store.put(outbox.entries(source, message), (text, values) => connection.query(text, values));
   * await connection.query("COMMIT");
   */
  put(entries: readonly NewEntry[], transaction?: Query): Promise<void>;
  take(now: number, until: number, max: number): Promise<Entry[]>;
  settle(entry: Entry, due?: number): Promise<void>;
  removeSource(source: string): Promise<void>;
  next(): Promise<number | undefined>;
  size(source?: string): Promise<OutboxSize>;
}

/**
 * Keeps an outbox in PostgreSQL 14 or later, in the tables `flowdock_outbox` and `flowdock_outbox_lane`. Their names are looked up by the
 * `search_path` of the connection. At the first use it runs {@link postgresOutboxSchema}, if its functions are not there.
 *
 * Several processes may drain it. The clocks of two of them may differ by at most `leaseMs` minus {@link Client.longestPostMs}.
 *
 * @example
 * import pg from "pg";
 * const pool = new pg.Pool();
 * const store = postgresOutbox((text, values) => pool.query(text, values));
 */
export function postgresOutbox(query: Query): PostgresOutboxStore;

/** The statement that makes the tables and functions, for a role that may do so. The store needs no such role then. */
export const postgresOutboxSchema: string;
