// The part of an outbox that all stores share: which message is sent when, and what becomes of it. A store keeps the entries.

import { FlowdockError, prepare } from "flowdock-integration";
import { deliver } from "./deliver.js";
import { failure } from "./failure.js";

export { deliver };

/**
 * @typedef {import("../../outbox.js").Entry} Entry
 * @typedef {import("../../outbox.js").OutboxHooks} Hooks
 * @typedef {Required<{ [Name in keyof import("../../outbox.js").OutboxOptions]: NonNullable<import("../../outbox.js").OutboxOptions[Name]> }>} Settings
 */

/** How long an entry waits when the program itself failed, in milliseconds. */
const AFTER_FAILURE_MS = 60_000;

/** The options. Those without a default are required. */
const DEFAULTS = {
  store: undefined,
  client: undefined,
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
   * The sources that a user removed.
   *
   * @type {Set<string>}
   */
  #removed = new Set();

  /**
   * The sources that are held: until when by the monotonic clock, which nobody sets, and how often in a row.
   *
   * @type {Map<string, { until: number, holds: number }>}
   */
  #held = new Map();

  /** @type {Promise<number | undefined> | undefined} */
  #running;
  /** Whether `drain` was called since the running drain last looked into the store. */
  #isAsked = false;
  #wake = () => {};

  /** @param {import("../../outbox.js").OutboxOptions} options */
  constructor(options) {
    /** @type {any} */
    const [defaults, settings] = [DEFAULTS, {}];
    for (const name of Object.keys({ ...defaults, ...options })) {
      const value = /** @type {any} */ (options)[name] ?? defaults[name];
      // A function or an object is neither below 1 nor NaN.
      if (!(name in defaults) || value === undefined || value < 1 || Number.isNaN(value)) {
        throw failure("invalid_option", `\`${name}\` cannot be used`);
      }
      settings[name] = value;
    }
    this.#settings = settings;
  }

  /** @type {import("../../outbox.js").Outbox["entries"]} */
  entries(source, message, options) {
    const prepared = prepare(message, options);
    return [source].flat().map((source) => {
      if (this.#removed.has(source)) throw failure("source_removed", "a user removed the source (410)");
      return { source, ...prepared, at: Date.now() };
    });
  }

  /** @type {import("../../outbox.js").Outbox["post"]} */
  async post(source, message, options) {
    const { store, maxEntries, maxBytes } = this.#settings;
    const entries = this.entries(source, message, options);
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
    return { uuid: entries[0]?.uuid };
  }

  /** @type {import("../../outbox.js").Outbox["drain"]} */
  drain({ signal } = {}) {
    this.#isAsked = true;
    this.#wake();
    const { store } = this.#settings;
    const run = () => this.#drain(signal);
    this.#running ??= (store.alone?.(run) ?? run()).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** @type {import("../../outbox.js").Outbox["count"]} */
  async count(source) {
    return (await this.#settings.store.size(source)).entries;
  }

  /** @param {import("../../index.js").AbortSignalLike} [signal] */
  async #drain(signal) {
    const { store, concurrency, keepMs, leaseMs } = this.#settings;
    /** @type {Set<Promise<unknown>>} */
    const open = new Set();
    /** @type {unknown[]} */
    const failures = [];
    /** By how much the times in the store are ahead, in milliseconds, after somebody has set the clock back. */
    let aheadMs = 0;
    for (;;) {
      this.#isAsked = false;
      const isOver = failures.length > 0 || signal?.aborted;
      const now = Date.now();
      const free = isOver ? 0 : concurrency - open.size;
      for (const entry of free > 0 ? await store.take(now + aheadMs, now + leaseMs, free) : []) {
        const sending = this.#send(entry, signal)
          .catch((error) => failures.push(error))
          .finally(() => open.delete(sending));
        open.add(sending);
      }
      aheadMs = 0;
      if (open.size > 0) {
        /** @type {Promise<void>} */
        const asked = new Promise((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([...open, asked]);
        continue;
      }
      if (failures.length > 0) throw failures[0];
      const next = await store.next();
      const waitMs = (next ?? Infinity) - now;
      // No wait and no lease is as long as that, so the clock was set back. The entry is due now.
      if (waitMs > Math.max(keepMs, leaseMs) && waitMs < Infinity) aheadMs = waitMs;
      if (isOver || !(this.#isAsked || aheadMs > 0 || waitMs <= 0)) return next;
    }
  }

  /**
   * Sends an entry, and settles it.
   *
   * @param {Entry} entry
   * @param {import("../../index.js").AbortSignalLike} [signal]
   */
  async #send(entry, signal) {
    const { store, client: clientOf, keepMs, leaseMs, backoff } = this.#settings;
    const { source, attempts } = entry;
    const held = this.#held.get(source);
    const holds = (held?.holds ?? 0) + 1;
    /** @type {import("../../outbox.js").Fate} */
    let end;
    try {
      const client = Date.now() - entry.at > keepMs ? undefined : await clientOf(source);
      if (!client) return await this.#settle(entry, "onDropped");
      const leftMs = (held?.until ?? 0) - performance.now();
      if (leftMs > 0) return await store.settle(entry, Date.now() + Math.ceil(leftMs));
      if (client.longestPostMs >= leaseMs) throw failure("invalid_option", "`leaseMs` is below `longestPostMs`");
      end = await deliver(client, JSON.parse(entry.body), { attempts, holds, backoff, signal });
    } catch (error) {
      // A mistake of the program, or a failure of its `client`. The entry stays.
      await store.settle(entry, Date.now() + AFTER_FAILURE_MS);
      throw error;
    }
    if (end.retryInMs !== undefined) {
      // Of several entries that were under way, the first one holds the source.
      if (end.isHeld && this.#held.get(source) === held) {
        this.#held.set(source, { until: performance.now() + end.retryInMs, holds });
        await this.#tell("onHeld", source, end.error);
      }
      return store.settle(entry, Date.now() + Math.min(end.retryInMs, keepMs));
    }
    if (end.removed) {
      const isNew = !this.#removed.has(source);
      this.#removed.add(source);
      if (isNew) await this.#tell("onSourceRemoved", source);
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
      await /** @type {any} */ (this.#settings.hooks[hook])?.(subject, value);
    } catch {
      // Ignored: what becomes of the entry does not depend on it.
    }
  }
}
