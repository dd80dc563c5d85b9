// The latch after a 410: when a user has removed a source, nothing more is posted with its token.

import { quietly } from "./quietly.js";

/** @typedef {{ token: string | undefined, sourceRemoved(): void }} Watched */

export class Latch {
  /**
   * The tokens of removed sources.
   *
   * @type {Set<string | undefined>}
   */
  #removed = new Set();

  /**
   * Those who hear of a removal.
   *
   * @type {Set<Watched>}
   */
  #watched = new Set();
  #onSourceRemoved;

  /** @param {(() => void) | undefined} onSourceRemoved The hook, called once for each source. */
  constructor(onSourceRemoved) {
    this.#onSourceRemoved = onSourceRemoved;
  }

  /**
   * Tells a post when its source is removed, or has been.
   *
   * @param {Watched} post
   */
  watch(post) {
    this.#watched.add(post);
    if (this.#removed.has(post.token)) post.sourceRemoved();
  }

  /** @param {Watched} post */
  unwatch(post) {
    this.#watched.delete(post);
  }

  /**
   * The server said that a user removed the source.
   *
   * @param {string | undefined} token
   */
  remove(token) {
    if (this.#removed.has(token)) return;
    this.#removed.add(token);
    for (const post of this.#watched) if (post.token === token) post.sourceRemoved();
    quietly(this.#onSourceRemoved);
  }
}
