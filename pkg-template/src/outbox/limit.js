// How much a store may hold. The size is measured at the first `put`, and again when the entries added since then might be too many.

import { FlowdockError } from "../error.js";

export class Limit {
  #limits;
  /** The last measured size and what was added since. Entries that were sent since are still in it. */
  #size = { entries: Infinity, bytes: 0 };

  /** @param {import("../../outbox.js").OutboxLimits} limits */
  constructor({ maxEntries = 10_000, maxBytes = 50_000_000 }) {
    this.#limits = { maxEntries, maxBytes };
  }

  /**
   * Adds a new entry.
   *
   * @param {number} bytes The size of its body.
   */
  add(bytes) {
    this.#size.entries += 1;
    this.#size.bytes += bytes;
  }

  /** Whether the store might hold too much, so that it must be measured. */
  isExceeded() {
    const { maxEntries, maxBytes } = this.#limits;
    return this.#size.entries > maxEntries || this.#size.bytes > maxBytes;
  }

  /**
   * @param {import("../../outbox.js").OutboxSize} size The measured size, with the new entries.
   * @throws {FlowdockError} `storage` when it is too large. The new entries must be taken back then.
   */
  check(size) {
    this.#size = size;
    if (!this.isExceeded()) return;
    const message = `the outbox is full: ${size.entries} messages of ${size.bytes} bytes would wait in it`;
    throw new FlowdockError({ code: "storage", message, retryable: true });
  }
}
