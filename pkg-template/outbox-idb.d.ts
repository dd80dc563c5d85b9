// The entry `flowdock-integration/outbox/idb`: an outbox in IndexedDB, for pages, browser extensions and service workers.

import type { Entry, NewEntry, Outbox, OutboxSize, OutboxStore } from "./outbox.js";

/** A store in IndexedDB. */
export interface IdbOutboxStore extends OutboxStore {
  /** The name of the database. The lock, the alarm and the Background Sync of the outbox have the same name. */
  readonly name: string;
  put(entries: readonly NewEntry[]): Promise<void>;
  take(now: number, until: number, max: number): Promise<Entry[]>;
  settle(entry: Entry, due?: number): Promise<void>;
  removeSource(source: string): Promise<void>;
  next(): Promise<number | undefined>;
  size(source?: string): Promise<OutboxSize>;
  alone<T>(drain: () => Promise<T>): Promise<T>;
  /** Called by each `put` with the promise that it returns. {@link wake} sets it. */
  onPut?: ((stored: Promise<void>) => unknown) | undefined;
}

/**
 * Keeps an outbox in a database of IndexedDB, which all tabs and workers of an origin share. It is opened at the first use. Only one of them
 * drains it at a time (`navigator.locks`). When that one is closed, another one can go on at once. A page that came by plain http has no
 * locks; there the entries that were under way are free when their lease ends.
 *
 * The browser may delete the database when its disk is full, unless the page has asked for `navigator.storage.persist()`. Safari deletes it
 * when nobody has used the site for seven days. A private window deletes it when it is closed.
 *
 * @param name The name of the database. Default: `flowdock-outbox`.
 */
export function idbOutbox(name?: string): IdbOutboxStore;

/**
 * Drains an outbox whenever there may be something to send: now, after each `post` of any tab, when an entry is due again, when the network
 * comes back, and when the page is shown. Call it once, and in a worker in the first turn of its script, so that the worker hears why it was
 * started:
 *
 * - In a browser extension, alarms start the service worker again, and so does the start of the browser. The manifest needs the permission `alarms`.
 * - In a service worker of a page, Background Sync does that, where the browser has it. Call `wake` in the page and in the worker.
 *
 * It lasts as long as the page or the worker.
 *
 * @example
 * const store = idbOutbox();
 * const outbox = new Outbox({ store, client: () => client });
 * wake(outbox, store);
 * await outbox.post("builds", message);
 */
export function wake(outbox: Outbox, store: IdbOutboxStore): void;
