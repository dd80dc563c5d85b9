// The entry `flowdock-integration/outbox/sql`: outboxes in SQLite.

import type { Entry, NewEntry, Outbox, OutboxSize, OutboxStore } from "./outbox.js";

/** A store in SQLite. All of its functions are synchronous. */
export interface SqlOutboxStore extends OutboxStore {
  put(entries: readonly NewEntry[]): void;
  take(now: number, until: number, max: number): Entry[];
  settle(entry: Entry, due?: number): void;
  removeSource(source: string): void;
  next(): number | undefined;
  size(source?: string): OutboxSize;
}

/** A database of `node:sqlite` (from Node 22.16 on), better-sqlite3 or `bun:sqlite`. */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): { all(...values: never[]): unknown[] };
  /** Whether a transaction is open, in better-sqlite3 and `bun:sqlite`. */
  readonly inTransaction?: boolean;
  /** Whether a transaction is open, as `node:sqlite` calls it. */
  readonly isTransaction?: boolean;
}

export interface SqlOutboxOptions {
  /**
   * Whether this process alone uses the file. Then messages that were under way when the last process ended are free at once, and do not
   * wait for the end of their lease. Default: false.
   */
  alone?: boolean | undefined;
}

/**
 * Keeps an outbox in the tables `flowdock_outbox` and `flowdock_outbox_lane`, which it makes. It sets `synchronous = FULL` on the connection,
 * so that a stored message survives a power cut. Inside a transaction of yours, `put` is a part of it.
 *
 * @example
 * import { DatabaseSync } from "node:sqlite";
 * const store = sqlOutbox(new DatabaseSync("outbox.sqlite"), { alone: true });
 */
export function sqlOutbox(db: SqlDatabase, options?: SqlOutboxOptions): SqlOutboxStore;

/** The parts of a Durable Object's context that the store uses. */
export interface DurableObjectContext {
  readonly storage: {
    readonly sql: { exec(query: string, ...values: never[]): { toArray(): unknown[] } };
    transactionSync<T>(run: () => T): T;
    setAlarm(time: number): Promise<void>;
  };
}

export interface DurableObjectOutboxStore extends SqlOutboxStore {
  /** Stores the entries and sets the object's alarm to now. Inside `transactionSync` it is a part of your transaction. */
  put(entries: readonly NewEntry[]): void;
  /**
   * Drains the outbox and sets the alarm for what is left. Call it in `alarm()`. It never rejects: a failure goes to the console, and the
   * alarm comes again in a minute.
   */
  alarm(outbox: Outbox): Promise<void>;
}

/**
 * Keeps an outbox in a Durable Object with SQLite storage. The object's alarm sends the messages.
 *
 * @example
 * export class Poll extends DurableObject {
 *   store = durableObjectOutbox(this.ctx);
 *   outbox = new Outbox({ store: this.store, client: (source) => clientOf(this.env, source) });
 *   alarm() {
 *     return this.store.alarm(this.outbox);
 *   }
 * }
 */
export function durableObjectOutbox(ctx: DurableObjectContext): DurableObjectOutboxStore;
