// The part of an outbox that all stores share: which message is sent when, and what becomes of it. A store keeps the entries.

import { FlowdockError, prepare } from "flowdock-integration";
import { deliver } from "./deliver.js";
import { invalid } from "./invalid.js";

export { deliver };

/**
 * @typedef {import("../../outbox.js").Entry} Entry
 * @typedef {import("../../outbox.js").OutboxHooks} Hooks
 */

/** How long an entry waits when the program itself failed, in milliseconds. */
const AFTER_FAILURE_MS = 60_000;

const OPTIONS = ["store", "client", "keepMs", "leaseMs", "concurrency", "backoff", "hooks"];

export class Outbox {
  #store;
  #client;
  #keepMs;
  #leaseMs;
  #concurrency;
  #backoff;
  /** @type {Hooks} */
  #hooks;

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
    const {
      store,
      client,
      keepMs = 86_400_000,
      leaseMs = 300_000,
      concurrency = 4,
      backoff = {},
      hooks = {},
    } = options;
    const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
    if (unknown) throw invalid(`\`${unknown}\` is not a known option`);
    if (typeof store?.put !== "function" || typeof client !== "function") {
      throw invalid("`store` must be a store of an outbox, and `client` a function");
    }
    if (![keepMs, leaseMs, concurrency].every((number) => number >= 1)) {
      throw invalid("`keepMs`, `leaseMs` and `concurrency` must be at least 1");
    }
    this.#store = store;
    this.#client = client;
    this.#keepMs = keepMs;
    this.#leaseMs = leaseMs;
    this.#concurrency = concurrency;
    this.#backoff = backoff;
    this.#hooks = hooks;
  }

  /** @type {import("../../outbox.js").Outbox["entries"]} */
  entries(source, message, options) {
    return this.#entriesOf([source].flat(), prepare(message, options));
  }

  /** @type {import("../../outbox.js").Outbox["post"]} */
  async post(source, message, options) {
    const prepared = prepare(message, options);
    const entries = this.#entriesOf([source].flat(), prepared);
    try {
      await this.#store.put(entries);
    } catch (/** @type {any} */ cause) {
      if (cause instanceof FlowdockError) throw cause;
      const details = { code: "storage", message: "the outbox could not store the message", retryable: true };
      throw new /** @type {any} */ (FlowdockError)(details, { cause });
    }
    return { uuid: prepared.uuid };
  }

  /** @type {import("../../outbox.js").Outbox["drain"]} */
  drain({ signal } = {}) {
    this.#isAsked = true;
    this.#wake();
    this.#running ??= this.#drain(signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** @type {import("../../outbox.js").Outbox["count"]} */
  async count(source) {
    return (await this.#store.size(source)).entries;
  }

  /**
   * @param {string[]} sources
   * @param {import("../../index.js").Prepared} prepared
   */
  #entriesOf(sources, prepared) {
    if (sources.some((source) => this.#removed.has(source))) {
      const details = { code: "source_removed", message: "a user removed the source (410)", retryable: false };
      throw new /** @type {any} */ (FlowdockError)(details);
    }
    return sources.map((source) => ({ source, ...prepared, at: Date.now() }));
  }

  /** @param {import("../../index.js").AbortSignalLike} [signal] */
  async #drain(signal) {
    /** @type {Set<Promise<void>>} */
    const open = new Set();
    /** @type {{ error: unknown } | undefined} */
    let failed;
    /** By how much the times in the store are ahead, in milliseconds, after somebody has set the clock back. */
    let aheadMs = 0;
    for (;;) {
      this.#isAsked = false;
      const isOver = failed || signal?.aborted;
      const free = isOver ? 0 : this.#concurrency - open.size;
      const now = Date.now();
      for (const entry of free > 0 ? await this.#store.take(now + aheadMs, now + this.#leaseMs, free) : []) {
        const sending = this.#send(entry, signal)
          .catch((error) => {
            failed ??= { error };
          })
          .then(() => {
            open.delete(sending);
          });
        open.add(sending);
      }
      aheadMs = 0;
      if (open.size > 0) {
        await Promise.race([...open, this.#asked()]);
        continue;
      }
      if (failed) throw failed.error;
      const next = await this.#store.next();
      if (isOver || next === undefined) {
        if (isOver || !this.#isAsked) return next;
      } else if (next > now + Math.max(this.#keepMs, this.#leaseMs)) {
        // No wait and no lease is that long, so the clock was set back. The entry is due now.
        aheadMs = next - now;
      } else if (!this.#isAsked) {
        return next;
      }
    }
  }

  /** Waits for the next call of `drain`. */
  #asked() {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      this.#wake = resolve;
    });
  }

  /**
   * Sends an entry, and settles it.
   *
   * @param {Entry} entry
   * @param {import("../../index.js").AbortSignalLike} [signal]
   */
  async #send(entry, signal) {
    const { source, attempts } = entry;
    const held = this.#held.get(source);
    const holds = (held?.holds ?? 0) + 1;
    const leftMs = held ? held.until - performance.now() : 0;
    /** @type {Awaited<ReturnType<typeof deliver>>} */
    let end;
    try {
      const client = Date.now() - entry.at > this.#keepMs ? undefined : await this.#client(source);
      if (!client) return await this.#settle("onDropped", [entry], entry);
      if (leftMs > 0) return await this.#store.settle(entry, Date.now() + Math.ceil(leftMs));
      if (client.longestPostMs >= this.#leaseMs) {
        throw invalid("`leaseMs` must be longer than `maxElapsedMs` and `timeoutMs` of the client together");
      }
      end = await deliver(client, JSON.parse(entry.body), { attempts, holds, backoff: this.#backoff, signal });
    } catch (error) {
      // A mistake of the program, or a failure of its `client`. The entry stays.
      await this.#store.settle(entry, Date.now() + AFTER_FAILURE_MS);
      throw error;
    }
    if (end.retryInMs !== undefined) {
      // Of several entries that were under way, the first one holds the source.
      if (end.isHeld && this.#held.get(source) === held) {
        this.#held.set(source, { until: performance.now() + end.retryInMs, holds });
        await this.#tell("onHeld", source, end.error);
      }
      return this.#store.settle(entry, Date.now() + Math.min(end.retryInMs, this.#keepMs));
    }
    if (end.removed) {
      if (!this.#removed.has(source)) {
        this.#removed.add(source);
        await this.#tell("onSourceRemoved", source);
      }
      return this.#store.drop(source);
    }
    this.#held.delete(source);
    if (end.refused) return this.#settle("onRefused", [entry, end.refused], entry);
    return this.#settle("onDelivered", [entry, end.result], entry);
  }

  /**
   * Calls a hook and removes the entry, in this order: a program that ends in between is told once more, but never not at all.
   *
   * @param {keyof Hooks} hook
   * @param {any[]} values
   * @param {Entry} entry
   */
  async #settle(hook, values, entry) {
    await this.#tell(hook, ...values);
    return this.#store.settle(entry);
  }

  /**
   * Calls a hook and waits for it. Its failure changes nothing.
   *
   * @param {keyof Hooks} hook
   * @param {any[]} values
   */
  async #tell(hook, ...values) {
    try {
      await /** @type {any} */ (this.#hooks[hook])?.(...values);
    } catch {
      // Ignored: what becomes of the entry does not depend on it.
    }
  }
}
