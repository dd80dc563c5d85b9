// What the posts of one client share: who goes when, and who goes no more.
//
// A message waits for those before it in its *lanes*, one for each name of its thread, then for one of the few places from
// which requests go out. It leaves the place while it waits for its next try, so that a thread in trouble stops no other.

import { now } from "./clock.js";
import { quietly } from "./quietly.js";

export class Line {
  /** The last turn in each lane. */
  #lanes = new Map();
  /** The `go` of those who wait for a place, in order. */
  #waiting = new Set();
  #places;
  /** The tokens of sources that a user removed. */
  #removed = new Set();
  /** The posts that are not done. */
  #open = new Set();
  /** No request goes out before this time, since the server has had too many. */
  #heldUntil = 0;

  /** @param settings What `checkClient` of the module gives: `{ timeoutMs, concurrency, retry }`. */
  constructor(url, fetch, hooks, settings) {
    this.url = url;
    this.fetch = fetch;
    this.hooks = hooks;
    this.settings = settings;
    this.#places = settings.concurrency;
  }

  /**
   * Joins the end of lanes.
   *
   * @returns A turn, to be given to `done`. It has come when none is `before` it; its `go` is called then, once it is set.
   */
  join(lanes) {
    const turn = { lanes, before: 0, behind: [], go: undefined, isDone: false };
    for (const lane of lanes) {
      const last = this.#lanes.get(lane);
      if (last) {
        last.behind.push(turn);
        turn.before += 1;
      }
      this.#lanes.set(lane, turn);
    }
    return turn;
  }

  /** A turn is over, perhaps before it came: whoever is behind it waits for those before it all the same. */
  done(turn) {
    turn.isDone = true;
    const over = turn.before > 0 ? [] : [turn];
    // Grows while it is gone through.
    for (const turn of over) {
      for (const lane of turn.lanes) if (this.#lanes.get(lane) === turn) this.#lanes.delete(lane);
      for (const next of turn.behind) {
        next.before -= 1;
        if (next.before > 0) continue;
        if (next.isDone) over.push(next);
        else next.go?.();
      }
    }
  }

  /** Calls `go` when there is a place, perhaps at once. */
  enter(go) {
    this.#waiting.add(go);
    this.#fill();
  }

  /** Gives the place up, before it is there or after; to be called once. */
  leave(go) {
    if (!this.#waiting.delete(go)) this.#places += 1;
    this.#fill();
  }

  #fill() {
    for (const go of this.#waiting) {
      if (this.#places === 0) return;
      this.#places -= 1;
      this.#waiting.delete(go);
      go();
    }
  }

  /** Holds all requests that have not gone out. */
  hold(ms) {
    this.#heldUntil = Math.max(this.#heldUntil, now() + ms);
  }

  /** How much longer they are held; less than nothing when they are not. */
  heldMs() {
    return this.#heldUntil - now();
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
