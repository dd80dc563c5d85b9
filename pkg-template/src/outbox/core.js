// The part of an outbox that all stores share: which message is sent when, and what becomes of it. A store keeps the entries.

import { FlowdockError, prepare } from "flowdock-integration";
import { deliver, unknown } from "./deliver.js";
import { failure } from "./failure.js";
import { BACKOFF, read } from "./options.js";

export { deliver };

/**
 * @typedef {import("../../outbox.js").Entry} Entry
 * @typedef {import("../../outbox.js").OutboxHooks} Hooks
 * @typedef {import("../../outbox.js").OutboxOptions} Options
 * @typedef {Required<{ [Name in keyof Options]: NonNullable<Options[Name]> }> & { backoff: typeof BACKOFF }} Settings
 */

/** How long the entries of a source wait when the program itself failed, in milliseconds. */
const AFTER_FAILURE_MS = 60_000;

/** How long a drain with messages under way waits at most until it looks for others that are due, in milliseconds. */
const LOOK_MS = 1_000;

const ignore = () => {};

/** The functions of a store. */
const STORE = ["put", "take", "settle", "removeSource", "next", "size"];

/** @type {Required<Hooks>} */
const HOOKS = { onDelivered: ignore, onRefused: ignore, onDropped: ignore, onSourceRemoved: ignore, onHeld: ignore };

/** @type {any} */
const DEFAULTS = {
  store: {},
  client: ignore,
  keepMs: 86_400_000,
  leaseMs: 300_000,
  concurrency: 4,
  maxEntries: 10_000,
  maxBytes: 50_000_000,
  backoff: {},
  hooks: {},
};

export class Outbox {
  /** @type {Settings} */
  #settings;

  /** The last measured size of the store and what was added since. Messages that were sent since are still in it. */
  #size = { entries: Infinity, bytes: 0 };

  /**
   * The sources that a user removed, each with what becomes of its hook.
   *
   * @type {Map<string, Promise<void>>}
   */
  #removed = new Map();

  /**
   * The sources that are held: until when by the monotonic clock, which nobody sets, and how often in a row.
   *
   * @type {Map<string, { until: number, holds: number }>}
   */
  #held = new Map();

  /** Ends when the messages of all calls of `post` are stored. */
  #stored = Promise.resolve();

  /** @type {Promise<number | undefined> | undefined} */
  #running;
  /** Whether `drain` was called since the running drain last looked into the store. */
  #isAsked = false;
  #wake = ignore;

  /** @param {import("../../outbox.js").OutboxOptions} options */
  constructor(options) {
    const settings = read(options, DEFAULTS);
    for (const name of STORE) {
      if (typeof settings.store[name] !== "function") throw failure("invalid_option", `\`store\` has no \`${name}\``);
    }
    if (settings.client === ignore) throw failure("invalid_option", "`client` is missing");
    settings.backoff = read(settings.backoff, BACKOFF);
    settings.hooks = read(settings.hooks, HOOKS);
    this.#settings = settings;
  }

  /** @type {import("../../outbox.js").Outbox["entries"]} */
  entries(source, message, options) {
    const prepared = prepare(message, options);
    return [source].flat().map((source) => {
      if (typeof source !== "string") throw failure("invalid_option", "a source must be a text");
      if (this.#removed.has(source)) throw failure("source_removed", "a user removed the source (410)");
      return { source, ...prepared, at: Date.now() };
    });
  }

  /** @type {import("../../outbox.js").Outbox["post"]} */
  async post(source, message, options) {
    const entries = this.entries(source, message, options);
    // One after another, so that the order in the store is the order of the calls.
    const stored = this.#stored.then(() => this.#put(entries));
    this.#stored = stored.catch(ignore);
    await stored;
    return { uuid: /** @type {string} */ (entries[0]?.uuid) };
  }

  /** @param {import("../../outbox.js").NewEntry[]} entries */
  async #put(entries) {
    const { store, maxEntries, maxBytes } = this.#settings;
    const isFull = () => {
      this.#size.entries += entries.length;
      for (const { body } of entries) this.#size.bytes += body.length;
      return this.#size.entries > maxEntries || this.#size.bytes > maxBytes;
    };
    try {
      // The store is measured only when it might hold too much.
      if (isFull()) {
        this.#size = await store.size();
        if (isFull()) throw failure("storage", "the outbox is full");
      }
      await store.put(entries);
    } catch (error) {
      if (error instanceof FlowdockError) throw error;
      throw failure("storage", "the outbox could not store the message", error);
    }
  }

  /** @type {import("../../outbox.js").Outbox["drain"]} */
  drain({ signal } = {}) {
    this.#isAsked = true;
    this.#wake();
    this.#running ??= this.#run(signal);
    return this.#running;
  }

  /** @type {import("../../outbox.js").Outbox["count"]} */
  async count(source) {
    return (await this.#settings.store.size(source)).entries;
  }

  /**
   * Drains until no call of `drain` came meanwhile. The last look at that and the end are one step, so no call falls between them.
   *
   * @param {import("../../index.js").AbortSignalLike} [signal]
   */
  async #run(signal) {
    const { store } = this.#settings;
    const drain = () => this.#drain(signal);
    try {
      for (;;) {
        const next = await (store.alone?.(drain) ?? drain());
        if (!this.#isAsked || signal?.aborted) return next;
      }
    } finally {
      this.#running = undefined;
    }
  }

  /** @param {import("../../index.js").AbortSignalLike} [signal] */
  async #drain(signal) {
    const { store, concurrency, keepMs, leaseMs } = this.#settings;
    /** @type {Set<Promise<unknown>>} */
    const open = new Set();
    /** @type {unknown[]} */
    const failures = [];
    /** Whether the store failed. */
    let isBroken = false;
    /** By how much the times in the store are ahead, in milliseconds, after somebody has set the clock back. */
    let aheadMs = 0;
    for (;;) {
      this.#isAsked = false;
      const isOver = isBroken || signal?.aborted;
      const now = Date.now();
      const free = isOver ? 0 : concurrency - open.size;
      try {
        for (const entry of free > 0 ? await store.take(now + aheadMs, now + leaseMs, free) : []) {
          const sending = this.#send(entry, failures, signal)
            .catch((error) => {
              isBroken = true;
              failures.push(error);
            })
            .finally(() => open.delete(sending));
          open.add(sending);
        }
      } catch (error) {
        isBroken = true;
        failures.push(error);
      }
      aheadMs = 0;
      if (open.size > 0) {
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let timer;
        /** @type {Promise<void>} */
        const asked = new Promise((resolve) => {
          this.#wake = resolve;
          timer = setTimeout(resolve, LOOK_MS);
        });
        await Promise.race([...open, asked]);
        clearTimeout(timer);
        continue;
      }
      if (isBroken) throw failures[0];
      const next = await store.next();
      const waitMs = (next ?? Infinity) - now;
      // No wait and no lease is as long as that, so the clock was set back. The entry is due now.
      if (waitMs > Math.max(keepMs, leaseMs) && waitMs < Infinity) aheadMs = waitMs;
      if (isOver || !(this.#isAsked || aheadMs > 0 || waitMs <= 0)) {
        if (failures.length > 0) throw failures[0];
        return next;
      }
    }
  }

  /**
   * Sends an entry, and settles it. Throws when the store fails.
   *
   * @param {Entry} entry
   * @param {unknown[]} failures Gets what the program itself did wrong.
   * @param {import("../../index.js").AbortSignalLike} [signal]
   */
  async #send(entry, failures, signal) {
    const { store, client: clientOf, keepMs, leaseMs, backoff } = this.#settings;
    const { source, attempts } = entry;
    const held = this.#held.get(source);
    const holds = (held?.holds ?? 0) + 1;
    const isOld = () => Date.now() - entry.at > keepMs;
    const leftMs = (held?.until ?? 0) - performance.now();
    if (leftMs > 0)
      return isOld() ? this.#settle(entry, "onDropped") : store.settle(entry, Date.now() + Math.ceil(leftMs));
    /** @type {import("../../outbox.js").Fate} */
    let end;
    try {
      const client = await clientOf(source);
      if (client && client.longestPostMs >= leaseMs)
        throw failure("invalid_option", "`leaseMs` is below `longestPostMs`");
      end = client
        ? await deliver(client, JSON.parse(entry.body), { attempts, holds, backoff, signal })
        : unknown(holds, backoff);
    } catch (error) {
      // A mistake of the program, or a failure of its `client`. The source waits, and others go on.
      failures.push(error);
      const waitMs = Math.min(AFTER_FAILURE_MS, keepMs);
      this.#held.set(source, { until: performance.now() + waitMs, holds: holds - 1 });
      return store.settle(entry, Date.now() + waitMs);
    }
    if (end.retryInMs !== undefined) {
      const waitMs = Math.min(end.retryInMs, keepMs);
      // Of several entries that were under way, the first one holds the source.
      const isHeld = end.isHeld && this.#held.get(source) === held;
      if (isHeld) this.#held.set(source, { until: performance.now() + waitMs, holds });
      if (end.error.code !== "aborted" && isOld()) return this.#settle(entry, "onDropped", end.error);
      if (isHeld) await this.#tell("onHeld", source, end.error);
      return store.settle(entry, Date.now() + waitMs);
    }
    if (end.removed) {
      if (!this.#removed.has(source)) this.#removed.set(source, this.#tell("onSourceRemoved", source));
      await this.#removed.get(source);
      return store.removeSource(source);
    }
    this.#held.delete(source);
    return this.#settle(entry, end.refused ? "onRefused" : "onDelivered", end.refused ?? end.result);
  }

  /**
   * Calls a hook and removes the entry, in this order: when the program ends in between, the hook is called once more and not left out.
   *
   * @param {Entry} entry
   * @param {keyof Hooks} hook
   * @param {unknown} [value]
   */
  async #settle(entry, hook, value) {
    await this.#tell(hook, entry, value);
    return this.#settings.store.settle(entry);
  }

  /**
   * Calls a hook and waits for it. Its failure changes nothing.
   *
   * @param {keyof Hooks} hook
   * @param {unknown} subject
   * @param {unknown} value
   */
  async #tell(hook, subject, value = undefined) {
    try {
      await /** @type {any} */ (this.#settings.hooks)[hook](subject, value);
    } catch {
      // Ignored: what becomes of the entry does not depend on it.
    }
  }
}
