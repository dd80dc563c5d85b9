// Checking a message and writing its body, all peers interleaved; rejected messages: listing what is wrong with them.
// Runs in Node and in a page.

import { measure, median, ratio } from "./measure.mjs";
import { inputs } from "./messages.mjs";
import { baseline, checkers } from "./peers/index.mjs";

/** For each input and peer the milliseconds of a call, and how often that is what the baseline takes. */
export function timeEncoding(messages, settings) {
  const cases = inputs(messages).flatMap((input) =>
    [baseline, ...checkers].map((peer) => ({ input: input.name, who: peer.name, run: inTurns(input, peer) })),
  );
  const measured = measure("messages", cases, settings);
  return measured.map((one) => {
    const { input, who, ms } = one;
    const unit = measured.find((other) => other.input === input && other.who === baseline.name);
    return { input, who, ms, ratio: ratio(one, unit) };
  });
}

/** A call goes through one list of messages, the next call through the next one. */
function inTurns({ valid, lists }, peer) {
  let turn = 0;
  // The baseline lists nothing; it says what a rejected message is compared with.
  const answer = valid || peer === baseline ? peer.encode : peer.validate;
  return () => {
    turn = (turn + 1) % lists.length;
    let length = 0;
    for (const message of lists[turn]) length += answer(message).length;
    return length;
  };
}

/** The medians of several runs, with the runs' ratios beside them. */
export function combine(runs) {
  return runs[0].map(({ input, who }, at) => {
    const ratios = runs.map((run) => run[at].ratio);
    return { input, who, us: median(runs.map((run) => run[at].ms)) * 1000, ratio: median(ratios), ratios };
  });
}
