// Times how peers check a message and write its body, and how they list the violations of a rejected message. The peers take turns. It runs in
// Node and in a page.

import { measure, median, ratio } from "./measure.mjs";
import { inputs } from "./messages.mjs";
import { baseline, checkers } from "./peers/index.mjs";

/** Returns for each input and peer the milliseconds of a call, and their ratio to the baseline. */
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

/** Makes a function that handles one list of messages per call, and the next list at the next call. */
function inTurns({ valid, lists }, peer) {
  let turn = 0;
  // The baseline cannot list violations. For a rejected message too it writes the body, to compare with.
  const answer = valid || peer === baseline ? peer.encode : peer.validate;
  return () => {
    turn = (turn + 1) % lists.length;
    let length = 0;
    for (const message of lists[turn]) length += answer(message).length;
    return length;
  };
}

/** Returns the medians of several runs, and the ratios of all runs. */
export function combine(runs) {
  return runs[0].map(({ input, who }, at) => {
    const ratios = runs.map((run) => run[at].ratio);
    return { input, who, us: median(runs.map((run) => run[at].ms)) * 1000, ratio: median(ratios), ratios };
  });
}
