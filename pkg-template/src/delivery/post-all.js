// Posts the messages of an iterable, even an endless one, and gives the results as they settle.

import { invalidOption } from "../error.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/** How many messages are taken ahead for each place: enough that threads in trouble leave others to go on. */
const AHEAD = 16;
/** How many more are taken in a row: prepared one by one, between requests, each would take nearly twice as long. */
const ROW = 8;

/** Looks at the arguments at once; the work begins with the first result that is asked for. */
export function postAll(prepare, concurrency, messages, signal, onProgress) {
  const iterate = Object(messages) === messages && (messages[Symbol.asyncIterator] ?? messages[Symbol.iterator]);
  if (typeof iterate !== "function") throw invalidOption("the messages must be an iterable or an async iterable");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidOption("`onProgress` must be a function");
  }
  const tell = (done, failed) => {
    const total = messages.length ?? messages.size;
    return onProgress(typeof total === "number" ? { done, failed, total } : { done, failed });
  };
  return settle(prepare, iterate.call(messages), AHEAD * concurrency, signal, onProgress && tell);
}

async function* settle(prepare, source, enough, signal, tell) {
  const settled = [];
  /** The posts that are not. */
  const open = new Set();
  let [count, done, failed] = [0, 0, 0];
  let wake;
  /** Whether somebody waits for a result. */
  let asked = false;
  let taking = false;
  /** Whether the caller gives up, or takes no more results. */
  let isGivenUp = false;
  /** Why. */
  let why;
  /** Whether nothing more is taken from the source. */
  let over = false;
  /** What ended it too early. */
  let broken;

  const start = async (message) => {
    const index = count++;
    let post;
    try {
      post = prepare(message);
      open.add(post);
      // It may have been on its way from the source.
      if (isGivenUp) post.giveUp(why);
      settled.push({ index, status: "fulfilled", value: await post.run() });
    } catch (reason) {
      failed += 1;
      // Of all messages the same, so it is said once.
      if (reason.code === "invalid_option") broken ??= { reason };
      else settled.push({ index, status: "rejected", reason });
    }
    open.delete(post);
    done += 1;
    quietly(tell, done, failed);
    wake();
  };
  const giveUp = (reason) => {
    isGivenUp = true;
    why = reason;
    for (const post of open) post.giveUp(reason);
    wake?.();
  };
  const isEnded = () => broken || over || isGivenUp;
  /** Takes messages from the source until there are enough, or a result. */
  const take = async () => {
    taking = true;
    try {
      while (asked && open.size < enough + ROW && !isEnded()) {
        const { done, value } = await source.next();
        if (done) over = true;
        else start(value);
      }
    } catch (reason) {
      broken ??= { reason };
      over = true;
    }
    taking = false;
    wake();
  };

  const stop = listen(signal, giveUp);
  try {
    for (;;) {
      if (settled.length > 0) {
        asked = false;
        yield settled.shift();
        continue;
      }
      if (open.size === 0 && isEnded()) break;
      asked = true;
      const woken = new Promise((resolve) => (wake = resolve));
      if (!taking && open.size <= enough && !isEnded()) take();
      await woken;
    }
    if (broken) throw broken.reason;
  } finally {
    stop();
    giveUp();
    // Not waited for: behind a `next` that never settles, neither does this.
    if (!over) quietly(() => source.return?.());
  }
}
