// Posts the messages of an iterable, which may be endless, and yields each result when its message settles.

import { invalidOption } from "../error.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/**
 * @typedef {import("../../index.js").Settled} Settled
 * @typedef {(message: any) => import("./post.js").Post} Prepare
 * @typedef {(done: number, failed: number) => void} Tell
 */

/** How many messages are taken ahead for each request slot: enough that messages of other threads go on while some threads wait. */
const AHEAD = 16;
/** How many more messages are taken in one go. Preparing them one by one, between requests, takes nearly twice as long. */
const ROW = 8;

/**
 * Checks the arguments at once. Posting begins when the caller asks for the first result.
 *
 * @param {Prepare} prepare Makes a post of a message, or throws.
 * @param {number} concurrency
 * @param {any} messages
 * @param {import("../../index.js").AbortSignalLike | null | undefined} signal
 * @param {((progress: { done: number, failed: number, total?: number }) => void) | undefined} onProgress
 */
export function postAll(prepare, concurrency, messages, signal, onProgress) {
  const iterate = Object(messages) === messages && (messages[Symbol.asyncIterator] ?? messages[Symbol.iterator]);
  if (typeof iterate !== "function") throw invalidOption("the messages must be an iterable or an async iterable");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidOption("`onProgress` must be a function");
  }
  /** @type {Tell | undefined} */
  const tell =
    onProgress &&
    ((done, failed) => {
      const total = messages.length ?? messages.size;
      return onProgress(typeof total === "number" ? { done, failed, total } : { done, failed });
    });
  return settle(prepare, iterate.call(messages), AHEAD * concurrency, signal, tell);
}

/**
 * Takes messages from the source, posts them, and yields each result.
 *
 * @param {Prepare} prepare
 * @param {Iterator<any> | AsyncIterator<any>} source
 * @param {number} enough With more open posts than this, no new messages are taken.
 * @param {import("../../index.js").AbortSignalLike | null | undefined} signal
 * @param {Tell | undefined} tell
 * @returns {AsyncGenerator<Settled, void, void>}
 */
async function* settle(prepare, source, enough, signal, tell) {
  /** @type {Settled[]} */
  const settled = [];
  /**
   * The posts that are not settled.
   *
   * @type {Set<import("./post.js").Post>}
   */
  const open = new Set();
  let count = 0;
  let done = 0;
  let failed = 0;
  let wake = () => {};
  /** Whether the caller waits for a result. */
  let isAsked = false;
  let isTaking = false;
  /**
   * Set when the caller gives up or takes no more results.
   *
   * @type {{ reason?: unknown } | undefined}
   */
  let givenUp;
  /** Whether nothing more is taken from the source. */
  let isOver = false;
  /**
   * Set when the source threw, or when an option was invalid: the loop ends with this error.
   *
   * @type {{ reason: unknown } | undefined}
   */
  let broken;

  /** @param {any} message */
  const start = async (message) => {
    const index = count;
    count += 1;
    let post;
    try {
      post = prepare(message);
      open.add(post);
      // The caller may have given up while `source.next()` was still fetching this message.
      if (givenUp) post.giveUp(givenUp.reason);
      settled.push({ index, status: "fulfilled", value: await post.run() });
    } catch (caught) {
      const reason = /** @type {import("../../index.js").FlowdockError} */ (caught);
      failed += 1;
      // All messages share the options, so an invalid option is reported once, by the loop.
      if (reason.code === "invalid_option") broken ??= { reason };
      else settled.push({ index, status: "rejected", reason });
    }
    if (post) open.delete(post);
    done += 1;
    quietly(tell, done, failed);
    wake();
  };
  /** @param {unknown} [reason] */
  const giveUp = (reason) => {
    givenUp = { reason };
    for (const post of open) post.giveUp(reason);
    wake();
  };
  const isEnded = () => broken || isOver || givenUp;
  /** Takes messages from the source until enough posts are open, or the caller has a result. */
  const take = async () => {
    isTaking = true;
    try {
      while (isAsked && open.size < enough + ROW && !isEnded()) {
        const { done, value } = await source.next();
        if (done) isOver = true;
        else start(value);
      }
    } catch (reason) {
      broken ??= { reason };
      isOver = true;
    }
    isTaking = false;
    wake();
  };

  const stop = listen(signal, giveUp);
  try {
    for (;;) {
      const next = settled.shift();
      if (next) {
        isAsked = false;
        yield next;
        continue;
      }
      if (open.size === 0 && isEnded()) break;
      isAsked = true;
      /** @type {Promise<void>} */
      const woken = new Promise((resolve) => {
        wake = resolve;
      });
      if (!isTaking && open.size <= enough && !isEnded()) take();
      await woken;
    }
    if (broken) throw broken.reason;
  } finally {
    stop();
    giveUp();
    // Not awaited: an async generator runs `return` only after a pending `next`, which may never settle.
    if (!isOver) quietly(() => source.return?.());
  }
}
