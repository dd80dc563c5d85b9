// Posts the messages of an iterable, even an endless one, and gives the results as they settle.

import { invalidOption } from "./error.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/** How many messages are taken ahead for each place: enough that threads in trouble leave others to go on. */
const AHEAD = 16;
/** How many more are taken in a row: prepared one by one, between requests, each would take nearly twice as long. */
const ROW = 8;

/** Looks at the arguments at once; the work begins with the first result that is asked for. */
export function postAll(post, concurrency, messages, signal, onProgress) {
  const iterate = Object(messages) === messages && (messages[Symbol.asyncIterator] ?? messages[Symbol.iterator]);
  if (typeof iterate !== "function") throw invalidOption("the messages must be an iterable or an async iterable");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidOption("`onProgress` must be a function");
  }
  const tell = (done, failed) => {
    const total = messages.length ?? messages.size;
    return onProgress(typeof total === "number" ? { done, failed, total } : { done, failed });
  };
  return settle(post, iterate.call(messages), AHEAD * concurrency, signal, onProgress && tell);
}

async function* settle(post, source, enough, signal, tell) {
  // Ends what is open when the caller gives up, or takes no more results.
  const ended = new AbortController();
  let wake;
  const stop = listen(signal, () => {
    ended.abort();
    wake?.();
  });
  const settled = [];
  let [count, open, done, failed] = [0, 0, 0, 0];
  /** Whether somebody waits for a result. */
  let asked = false;
  let taking = false;
  /** Whether nothing more is taken from the source. */
  let over = false;
  /** What ended it too early. */
  let broken;

  const start = async (message) => {
    const index = count++;
    open += 1;
    try {
      settled.push({ index, status: "fulfilled", value: await post(message, ended.signal) });
    } catch (reason) {
      failed += 1;
      // Of all messages the same, so it is said once.
      if (reason.code === "invalid_option") broken ??= { reason };
      else settled.push({ index, status: "rejected", reason });
    }
    open -= 1;
    done += 1;
    quietly(tell, done, failed);
    wake();
  };
  const isEnded = () => broken || over || ended.signal.aborted;
  /** Takes messages from the source until there are enough, or a result. */
  const take = async () => {
    taking = true;
    try {
      while (asked && open < enough + ROW && !isEnded()) {
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

  try {
    for (;;) {
      if (settled.length > 0) {
        asked = false;
        yield settled.shift();
        continue;
      }
      if (open === 0 && isEnded()) break;
      asked = true;
      const woken = new Promise((resolve) => (wake = resolve));
      if (!taking && open <= enough && !isEnded()) take();
      await woken;
    }
    if (broken) throw broken.reason;
  } finally {
    stop();
    ended.abort();
    // Not waited for: behind a `next` that never settles, neither does this.
    if (!over) quietly(() => source.return?.());
  }
}
