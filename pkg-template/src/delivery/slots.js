// Request slots. A client has at most as many requests in flight as it has slots. Slots are granted in the order of asking.

export class Slots {
  #free;

  /**
   * The holders that wait for a slot, in the order of asking, each with the callback that grants it.
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
   * @param {object} holder The object that asks. It must not hold another slot. Pass it to `release` afterwards.
   * @param {() => void} onGranted Called when the slot is granted, perhaps at once.
   */
  ask(holder, onGranted) {
    this.#waiting.set(holder, onGranted);
    this.#grant();
  }

  /**
   * Returns the holder's slot, or stops waiting if it has none yet.
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
