// The hold after a 429: the server has had too many requests, so no request of the client goes out for a while.

import { now } from "./clock.js";

export class Hold {
  #until = 0;

  /**
   * Holds all requests for at least so long.
   *
   * @param {number} ms
   */
  extend(ms) {
    this.#until = Math.max(this.#until, now() + ms);
  }

  /** How much longer requests are held, in milliseconds; not above 0 when they are not. */
  leftMs() {
    return this.#until - now();
  }
}
