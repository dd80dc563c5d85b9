// How things are timed: in rounds of random order, so that what disturbs the machine disturbs all alike.
// Nothing here needs Node; it runs in a page as well.

const SEED = 0x5eed;
const WARM_MS = 100;

/** mulberry32: small, and the same order in every run. */
export function random(seed = SEED) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled(list, next) {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

export function median(numbers) {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Keeps the engine from leaving out a call whose answer nobody looks at. */
// biome-ignore lint/correctness/noUnusedVariables: it is only written
let sink = 0;

/** Milliseconds of one call, over as many as are asked for; `run` returns a number, such as its answer's length. */
export function time(run, calls = 1) {
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) sink += run();
  return (performance.now() - start) / calls;
}

export function progress(line) {
  console.error(`[${(performance.now() / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/**
 * Cases `{ run }`, each in every round: the median milliseconds of a call, and the samples of the rounds. A sample is as
 * many calls as fill `sampleMs`, without it one. Cases of one `input` follow each other, so that their ratio is of one
 * moment; the inputs, and the cases of each, are in an order of each round's own.
 *
 * @param {string} what
 * @param {any[]} cases
 * @param {{ rounds: number, sampleMs?: number, seed?: number }} how
 */
export function measure(what, cases, { rounds, sampleMs, seed }) {
  progress(`${what}: warming up`);
  for (const one of cases) {
    one.calls = sampleMs ? callsThatFill(sampleMs, one.run) : 1;
    one.samples = [];
    time(one.run);
  }
  const inputs = [...new Set(cases.map(({ input }) => input))];
  const groups = inputs.map((input) => cases.filter((one) => one.input === input));
  const next = random(seed);
  for (let round = 1; round <= rounds; round += 1) {
    for (const group of shuffled(groups, next)) {
      for (const one of shuffled(group, next)) one.samples.push(time(one.run, one.calls));
    }
    if (round === rounds || round % 5 === 0) progress(`${what}: round ${round} of ${rounds}`);
  }
  return cases.map(({ run, ...one }) => ({ ...one, ms: median(one.samples) }));
}

/** The median of the rounds' ratios between two that were measured together. */
export function ratio(one, other) {
  return median(one.samples.map((sample, round) => sample / other.samples[round]));
}

/** After a tenth of a second, so that the code is compiled. */
function callsThatFill(sampleMs, run) {
  let calls = 0;
  for (const start = performance.now(); performance.now() - start < WARM_MS; calls += 1) time(run);
  return Math.max(1, Math.round(sampleMs / time(run, Math.ceil(calls / 4))));
}
