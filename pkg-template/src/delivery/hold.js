// The hold after a 429: the server received too many requests, so the client sends none for a while.

import { now } from "./clock.js";

export class Hold {
  #until = 0;

  /**
   * Holds all requests for at least this time.
   *
   * @param {number} ms
   */
  extend(ms) {
    this.#until = Math.max(this.#until, now() + ms);
  }

  /** Returns how much longer requests are held, in milliseconds. It is 0 or negative when there is no hold. */
  leftMs() {
    return this.#until - now();
  }
}
