// Request slots. A client has at most as many requests in flight as it has slots. Slots are granted in the order of asking.

export class Slots {
  #count;

  /**
   * The holders that have a slot.
   *
   * @type {Set<object>}
   */
  #granted = new Set();

  /**
   * The holders that wait for a slot, in the order of asking, each with the callback that grants it.
   *
   * @type {Map<object, () => void>}
   */
  #waiting = new Map();

  /** @param {number} count */
  constructor(count) {
    this.#count = count;
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
   * Returns the holder's slot, or stops waiting if it has none yet. A second call does nothing.
   *
   * @param {object} holder
   */
  release(holder) {
    this.#waiting.delete(holder);
    this.#granted.delete(holder);
    this.#grant();
  }

  #grant() {
    for (const [holder, onGranted] of this.#waiting) {
      if (this.#granted.size === this.#count) return;
      this.#granted.add(holder);
      this.#waiting.delete(holder);
      onGranted();
    }
  }
}
