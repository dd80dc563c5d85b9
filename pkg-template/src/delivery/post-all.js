// Posts the messages of an iterable, even an endless one, and gives the results as they settle.

import { invalidOption } from "../error.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/**
 * @typedef {import("../../index.js").Settled} Settled
 * @typedef {(message: any) => import("./post.js").Post} Prepare
 * @typedef {(done: number, failed: number) => void} Tell
 */

/** How many messages are taken ahead for each slot: enough that threads in trouble leave others to go on. */
const AHEAD = 16;
/** How many more are taken in a row: prepared one by one, between requests, each would take nearly twice as long. */
const ROW = 8;

/**
 * Looks at the arguments at once; the work begins with the first result that is asked for.
 *
 * @param {Prepare} prepare Makes a post of a message, or throws.
 * @param {number} concurrency
 * @param {any} messages
 * @param {AbortSignal | null | undefined} signal
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
 * @param {Prepare} prepare
 * @param {Iterator<any> | AsyncIterator<any>} source
 * @param {number} enough How many posts are open before no more is taken.
 * @param {AbortSignal | null | undefined} signal
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
  /** Whether somebody waits for a result. */
  let isAsked = false;
  let isTaking = false;
  /**
   * There when the caller gives up, or takes no more results; with the reason.
   *
   * @type {{ reason?: unknown } | undefined}
   */
  let givenUp;
  /** Whether nothing more is taken from the source. */
  let isOver = false;
  /**
   * What ended it too early.
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
      // The message may have been on its way from the source.
      if (givenUp) post.giveUp(givenUp.reason);
      settled.push({ index, status: "fulfilled", value: await post.run() });
    } catch (caught) {
      const reason = /** @type {import("../../index.js").FlowdockError} */ (caught);
      failed += 1;
      // An option is the same for all messages, so what is wrong with it is said once.
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
  /** Takes messages from the source until there are enough, or a result. */
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
    // Not waited for: behind a `next` that never settles, neither does this.
    if (!isOver) quietly(() => source.return?.());
  }
}
