// The latch after a 410: when a user has removed a source, the client posts nothing more with its token.

import { quietly } from "./quietly.js";

export class Latch {
  /**
   * The tokens of removed sources.
   *
   * @type {Set<string | undefined>}
   */
  #removed = new Set();

  /**
   * The open posts, which are told when their source is removed.
   *
   * @type {Set<import("./post.js").Post>}
   */
  openPosts = new Set();
  #onSourceRemoved;

  /** @param {(() => void) | undefined} onSourceRemoved The hook, called once for each source. */
  constructor(onSourceRemoved) {
    this.#onSourceRemoved = onSourceRemoved;
  }

  /**
   * Calls the post's `sourceRemoved` when its source is removed, or at once if it was removed before.
   *
   * @param {import("./post.js").Post} post
   */
  watch(post) {
    this.openPosts.add(post);
    if (this.#removed.has(post.token)) post.sourceRemoved();
  }

  /** @param {import("./post.js").Post} post */
  unwatch(post) {
    this.openPosts.delete(post);
  }

  /**
   * Records that the server answered 410: a user removed the source with this token.
   *
   * @param {string | undefined} token
   */
  remove(token) {
    if (this.#removed.has(token)) return;
    this.#removed.add(token);
    for (const post of this.openPosts) if (post.token === token) post.sourceRemoved();
    quietly(this.#onSourceRemoved);
  }
}
