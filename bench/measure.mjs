// Times functions in rounds of random order, so that a disturbance of the machine affects all of them equally. It needs nothing of Node, so it
// also runs in a page.

const SEED = 0x5eed;
const WARM_MS = 100;

/** Makes a generator of random numbers (mulberry32). Equal seeds give equal numbers, so each run has the same order. */
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

/** Collects the results, so that the engine cannot optimise away a call whose result is unused. */
// biome-ignore lint/correctness/noUnusedVariables: it is only written
let sink = 0;

/** Returns the mean milliseconds of a call over `calls` calls. `run` must return a number, such as the length of its answer. */
export function time(run, calls = 1) {
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) sink += run();
  return (performance.now() - start) / calls;
}

export function progress(line) {
  console.error(`[${(performance.now() / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/**
 * Times cases `{ input, run }`. Each case runs in every round. Returns the median milliseconds of a call, and the samples of all rounds.
 *
 * A sample consists of as many calls as fill `sampleMs`, or of one call without `sampleMs`. The cases of one `input` run directly after one
 * another, so that their ratio is measured under equal conditions. Each round has its own random order of the inputs and of their cases.
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

/** Returns the median of the ratios of two cases in each round. */
export function ratio(one, other) {
  return median(one.samples.map((sample, round) => sample / other.samples[round]));
}

/** Returns how many calls fill `sampleMs`. It first calls for a tenth of a second, so that the engine has compiled the code. */
function callsThatFill(sampleMs, run) {
  let calls = 0;
  for (const start = performance.now(); performance.now() - start < WARM_MS; calls += 1) time(run);
  return Math.max(1, Math.round(sampleMs / time(run, Math.ceil(calls / 4))));
}
