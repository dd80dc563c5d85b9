// What the posts of one client share: who goes when, and who goes no more.
//
// A message waits for those before it in its *lanes*, one for each name of its thread, then for one of the few places from
// which requests go out. It leaves the place while it waits for its next try, so that a thread in trouble stops no other.

import { quietly } from "./quietly.js";

export class Line {
  /** The end of the last message in each lane. */
  #lanes = new Map();
  /** Who waits for a place, in order. */
  #waiting = new Set();
  #places;
  /** The tokens of sources that a user removed. */
  #removed = new Set();
  /** The posts that are not done. */
  #open = new Set();
  /** No request goes out before this time, since the server has had too many. */
  heldUntil = 0;

  /** @param settings The numbers that `check_client` of the module gives: `timeoutMs`, `concurrency`, then those of `retry`. */
  constructor(url, fetch, hooks, settings) {
    this.url = url;
    this.fetch = fetch;
    this.hooks = hooks;
    this.settings = settings;
    this.#places = settings[1];
  }

  /**
   * Joins the end of lanes, which may be done while others before it are not.
   *
   * @returns {{ turn?: Promise, done(): void }} Its turn has come, if it has not already; it is done.
   */
  join(lanes) {
    const before = lanes.map((lane) => this.#lanes.get(lane)).filter((end) => end !== undefined);
    const turn = before.length > 0 ? Promise.all(before) : undefined;
    let done;
    const end = new Promise((resolve) => (done = resolve));
    for (const lane of lanes) this.#lanes.set(lane, end);
    const leave = () => {
      for (const lane of lanes) if (this.#lanes.get(lane) === end) this.#lanes.delete(lane);
      done();
    };
    return { turn, done: () => void (turn ? turn.then(leave) : leave()) };
  }

  /**
   * Calls `enter` when there is a place, perhaps at once.
   *
   * @returns {() => void} Gives it up, before that or after; to be called once.
   */
  place(enter) {
    this.#waiting.add(enter);
    this.#fill();
    return () => {
      if (!this.#waiting.delete(enter)) this.#places += 1;
      this.#fill();
    };
  }

  #fill() {
    for (const enter of this.#waiting) {
      if (this.#places === 0) return;
      this.#places -= 1;
      this.#waiting.delete(enter);
      enter();
    }
  }

  /** Calls `post.removed()` when the post's source turns out to be removed, or has before. */
  watch(post) {
    this.#open.add(post);
    if (this.#removed.has(post.token)) post.removed();
  }

  unwatch(post) {
    this.#open.delete(post);
  }

  /** The server said that a user removed the source. */
  remove(token) {
    if (this.#removed.has(token)) return;
    this.#removed.add(token);
    for (const post of this.#open) if (post.token === token) post.removed();
    quietly(this.hooks.onSourceRemoved);
  }
}
