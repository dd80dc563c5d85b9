// Posts the messages of an iterable, even an endless one, and gives the results as they settle.

import { invalidOption } from "./error.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/** How many messages are taken ahead for each place: enough that threads in trouble leave others to go on. */
const AHEAD = 16;

/** Looks at the arguments at once; the work begins with the first result that is asked for. */
export function postAll(post, concurrency, messages, { signal, onProgress, ...options }) {
  const iterate = Object(messages) === messages && (messages[Symbol.asyncIterator] ?? messages[Symbol.iterator]);
  if (typeof iterate !== "function") throw invalidOption("the messages must be an iterable or an async iterable");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidOption("`onProgress` must be a function");
  }
  return settle(post, iterate.call(messages), AHEAD * concurrency, options, signal, (done, failed) => {
    const total = messages.length ?? messages.size;
    quietly(onProgress, typeof total === "number" ? { done, failed, total } : { done, failed });
  });
}

async function* settle(post, source, most, options, signal, tell) {
  // Ends what is open when the caller gives up, or takes no more results.
  const ended = new AbortController();
  let wake;
  const stop = listen(signal, () => {
    ended.abort();
    wake?.();
  });
  const settled = [];
  let [count, open, done, failed] = [0, 0, 0, 0];
  let pulling = false;
  /** Whether nothing more is taken from the source. */
  let over = false;
  /** What ended it too early. */
  let broken;

  const start = async (message) => {
    const index = count++;
    open += 1;
    try {
      settled.push({ index, status: "fulfilled", value: await post(message, { ...options, signal: ended.signal }) });
    } catch (reason) {
      failed += 1;
      // Of all messages the same, so it is said once.
      if (reason.code === "invalid_option") broken ??= { reason };
      else settled.push({ index, status: "rejected", reason });
    }
    open -= 1;
    done += 1;
    tell(done, failed);
    wake();
  };
  const pull = async () => {
    pulling = true;
    try {
      const { done, value } = await source.next();
      if (done) over = true;
      else start(value);
    } catch (reason) {
      broken ??= { reason };
      over = true;
    }
    pulling = false;
    wake();
  };

  try {
    for (;;) {
      if (settled.length > 0) {
        yield settled.shift();
        continue;
      }
      if (broken || over || ended.signal.aborted) {
        if (open === 0) break;
      } else if (!pulling && open < most) {
        pull();
      }
      await new Promise((resolve) => (wake = resolve));
    }
    if (broken) throw broken.reason;
  } finally {
    stop();
    ended.abort();
    // Not waited for: behind a `next` that never settles, neither does this.
    if (!over) quietly(() => source.return?.());
  }
}
