// Request slots: as many requests of one client are in flight at a time as it has slots, and whoever asked first goes first.

export class Slots {
  #free;

  /**
   * Those who wait for a slot, in order, and what to call when it is theirs.
   *
   * @type {Map<object, () => void>}
   */
  #waiting = new Map();

  /** @param {number} count */
  constructor(count) {
    this.#free = count;
  }

  /**
   * Asks for a slot.
   *
   * @param {object} holder Who asks, with no other slot; to be given to `release`.
   * @param {() => void} onGranted Called when the slot is there, perhaps at once.
   */
  ask(holder, onGranted) {
    this.#waiting.set(holder, onGranted);
    this.#grant();
  }

  /**
   * Gives a slot back, or waits for it no longer.
   *
   * @param {object} holder
   */
  release(holder) {
    const wasWaiting = this.#waiting.delete(holder);
    if (!wasWaiting) this.#free += 1;
    this.#grant();
  }

  #grant() {
    for (const [holder, onGranted] of this.#waiting) {
      if (this.#free === 0) return;
      this.#free -= 1;
      this.#waiting.delete(holder);
      onGranted();
    }
  }
}
