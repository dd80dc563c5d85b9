// The entry `flowdock-integration/outbox`: messages that outlive the process that wrote them.

import type { AbortSignalLike, CheckOptions, Client, FlowdockError, Message, PostResult } from "./index.js";

/**
 * Keeps messages in a durable store until they are posted.
 *
 * When {@link post} resolves, the message is in the store. {@link drain} sends it at least once, with the same uuid each time, unless a
 * hook tells you otherwise. Messages of one thread reach the server in the order of `post`, if they are in one store. Post a thread's
 * messages either with an outbox or with a {@link Client}, not with both: they know nothing of each other.
 *
 * @example
 * import { Client } from "flowdock-integration";
 * import { Outbox } from "flowdock-integration/outbox";
 * import { sqlOutbox } from "flowdock-integration/outbox/sql";
 *
 * const outbox = new Outbox({
 *   store: sqlOutbox(db),
 *   client: (source) => new Client({ baseUrl, flowToken: tokens.get(source) }),
 * });
 * await outbox.post("builds", message);
 * const next = await outbox.drain();
 */
export class Outbox {
  /** @throws {FlowdockError} `invalid_option` when an option is missing, unknown or invalid. */
  constructor(options: OutboxOptions);

  /**
   * Checks the message, gives it a uuid if it has none, and stores it for each of the sources, all or none. A message whose uuid waits for
   * that source already is not stored again. With an empty list of sources nothing is stored.
   *
   * Rejects with a {@link FlowdockError}: `invalid_message`; `storage` when the store is full or fails, with the store's own error as
   * `cause`; `invalid_option` when the message has a `flow_token`, because no token is stored; `source_removed` when {@link drain} has
   * learned of that in this object: give the source that takes its place another name, or make a new outbox.
   *
   * Messages are stored in the order of the calls.
   */
  post(source: string | readonly string[], message: Message, options?: CheckOptions): Promise<{ uuid: string }>;

  /**
   * Checks the message like {@link post} and returns what {@link OutboxStore.put} takes, so that you can store it inside a transaction of
   * your own, beside the change that it tells of. It does not look whether the store is full.
   *
   * @example
   * ctx.storage.transactionSync(() => {
   *   ctx.storage.sql.exec("UPDATE polls SET status = 'closed' WHERE id = ?", id);
   *   store.put(outbox.entries(source, message));
   * });
   * @throws {FlowdockError} `invalid_message`, `invalid_option` or `source_removed`, as in `post`.
   */
  entries(source: string | readonly string[], message: Message, options?: CheckOptions): NewEntry[];

  /**
   * Sends the messages that are due. Resolves to the time when it should be called again, in milliseconds since 1970; to undefined when
   * nothing waits. After an abort it may be in the past. A call during another one shares its promise and its signal; the running drain then
   * looks for new messages once more.
   *
   * Rejects with the database's own error when the store fails, with what your `client` throws, and with `invalid_option` when `leaseMs` is
   * not longer than {@link Client.longestPostMs}. No message is lost; call again in a minute.
   */
  drain(options?: { signal?: AbortSignalLike | undefined }): Promise<number | undefined>;

  /** How many messages wait, of one source or of all. */
  count(source?: string): Promise<number>;
}

/** The numbers must be at least 1. */
export interface OutboxOptions {
  store: OutboxStore;
  /**
   * Returns the client of a source. It is called for each message, so tokens stay where you keep them. Undefined means that this program
   * does not know the source: its messages are held, as with a wrong token; {@link OutboxStore.removeSource} gives them up. What it throws comes out of {@link Outbox.drain} when the others
   * are sent; the source waits for a minute. The client should post nothing else.
   */
  client(source: string): Client | undefined | Promise<Client | undefined>;
  /** A message that is older, in milliseconds, is dropped when a try to send it has failed. Default: 86 400 000, a day. */
  keepMs?: number | undefined;
  /**
   * How long a message belongs to the drain that took it, in milliseconds. If the process ends in the meantime, the message is free after
   * this time. It must be longer than {@link Client.longestPostMs}. Default: 300 000.
   */
  leaseMs?: number | undefined;
  /** How many messages are under way at once. Default: 4. */
  concurrency?: number | undefined;
  /**
   * How many messages may wait before {@link Outbox.post} rejects with `storage`. Of what other processes store, each counts what it saw
   * when it last measured the store. Default: 10 000.
   */
  maxEntries?: number | undefined;
  /**
   * How large the messages that wait may be together, in bytes. Of messages that were stored since the store was last measured, UTF-16 code
   * units are counted. Default: 50 000 000.
   */
  maxBytes?: number | undefined;
  /** How long a message waits after a try that failed. A `Retry-After` of the server goes first. */
  backoff?: OutboxBackoff | undefined;
  hooks?: OutboxHooks | undefined;
}

/** The waits between the tries of {@link Outbox.drain}. Within a try, the client makes requests as its own options say. */
export interface OutboxBackoff {
  /** The upper limit of the first wait, in milliseconds; it doubles with each try. The wait is at least half of it. Default: 5 000. */
  baseMs?: number | undefined;
  /** The upper limit of each wait and of each hold, in milliseconds. Default: 3 600 000, an hour. */
  capMs?: number | undefined;
}

/**
 * What becomes of messages. A hook is called before the message is removed from the store, and the outbox waits for its promise. So after
 * the end of a process a hook may be called once more for a message, but it is not left out. An exception of a hook is ignored.
 */
export interface OutboxHooks {
  /** The server has the message. */
  onDelivered?: ((entry: Entry, result: PostResult) => unknown) | undefined;
  /** The message is removed, because it can never be posted: `invalid_message`, `too_large` or `rejected`. */
  onRefused?: ((entry: Entry, error: FlowdockError) => unknown) | undefined;
  /**
   * The message is removed unsent: it is older than `keepMs`, and a try has failed with this error. No error when its source is held: the
   * source's error went to `onHeld`.
   */
  onDropped?: ((entry: Entry, error: FlowdockError | undefined) => unknown) | undefined;
  /** A user removed the source. All of its messages are removed. Called once: delete what you stored for the source. */
  onSourceRemoved?: ((source: string) => unknown) | undefined;
  /**
   * The server refuses the source or cannot be asked, for example with `unauthorized`, `not_found` or an untrusted certificate, or `client`
   * has no client for it (`invalid_option`). All
   * messages of the source wait for five minutes, and twice as long each time that it happens again, up to `capMs`.
   */
  onHeld?: ((source: string, error: FlowdockError) => unknown) | undefined;
}

/** A message for one source, as it is stored. It has no token. */
export interface NewEntry {
  source: string;
  uuid: string;
  /** The lanes of the message, at most two. The messages of one lane are sent one after another. */
  lanes: string[];
  /** The checked message as JSON text. */
  body: string;
  /** When it was stored, in milliseconds since 1970. */
  at: number;
}

/** A message in a store. */
export interface Entry extends NewEntry {
  /** Its number. A later message has a higher one. */
  seq: number;
  /** How often it was taken, this time included. */
  attempts: number;
}

/** What a store holds. */
export interface OutboxSize {
  entries: number;
  /** The size of all bodies, in bytes. */
  bytes: number;
}

/** What an {@link Outbox} needs of a database. `flowdock-integration/outbox/sql` and its neighbours have stores. */
export interface OutboxStore {
  /**
   * Stores all of the entries or none, in this order. They are on the disk when it is done. An entry whose source has that uuid already is
   * left out.
   */
  put(entries: readonly NewEntry[]): unknown;
  /**
   * Leases at most `max` entries that are due, and returns them in the order of `seq`. Each is the first in all of its lanes. Until `until`
   * nobody else gets them.
   */
  take(now: number, until: number, max: number): Entry[] | Promise<Entry[]>;
  /** Removes an entry; or, with `due`, ends its lease and lets it wait until then. Does nothing when the entry was taken again since. */
  settle(entry: Entry, due?: number): unknown;
  /** Removes all entries of a source. */
  removeSource(source: string): unknown;
  /**
   * When `take` will give something again: the earliest time at which an entry that is first in its lanes is due or its lease ends. It is
   * asked after `take` gave nothing, and returns undefined if no entry is left. A time in the past means that `take` may give more.
   */
  next(): number | undefined | Promise<number | undefined>;
  /** What waits, of one source or of all. */
  size(source?: string): OutboxSize | Promise<OutboxSize>;
  /** Calls `drain` when no other process drains this database, and returns its result. Without it, only leases keep processes apart. */
  alone?<T>(drain: () => Promise<T>): Promise<T>;
}

/**
 * Posts a message that another queue has kept, once, and says what the queue should do with it. The message must have its `uuid`: store
 * what `prepare` returns.
 *
 * @example
 * const end = await deliver(client, message);
 * if (end.retryInMs !== undefined) job.retry({ delaySeconds: Math.ceil(end.retryInMs / 1000) });
 * else job.ack();
 *
 * @throws {FlowdockError} `invalid_option` when the message has no `uuid`.
 */
export function deliver(client: Client, message: Message, options?: DeliverOptions): Promise<Fate>;

export interface DeliverOptions {
  /** How often the queue has delivered this message, this time included. The waits double with it. Default: 1. */
  attempts?: number | undefined;
  /** How often in a row the source was held, this time included. Default: `attempts`. */
  holds?: number | undefined;
  backoff?: OutboxBackoff | undefined;
  /** Gives up the message; it is to be retried at once. */
  signal?: AbortSignalLike | undefined;
}

/** What becomes of a message after a try: what a queue should do with it. */
export type Fate =
  /** Remove it: the server has it. */
  | { ack: true; result: PostResult; retryInMs?: undefined; removed?: undefined; refused?: undefined }
  /** Deliver it again after this time, in milliseconds. `isHeld`: a setting is the cause, so
   * all messages of the source will fail until it is corrected; hold them. */
  | {
      retryInMs: number;
      error: FlowdockError;
      isHeld: boolean;
      ack?: undefined;
      removed?: undefined;
      refused?: undefined;
    }
  /** Remove it, and delete what you stored for the source: a user removed the source. */
  | { removed: true; ack?: undefined; retryInMs?: undefined; refused?: undefined }
  /** Remove it: the server will never take it. */
  | { refused: FlowdockError; ack?: undefined; retryInMs?: undefined; removed?: undefined };
