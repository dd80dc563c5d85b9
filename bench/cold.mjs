// Measures the cold start: a fresh process loads a peer's bundle and encodes one message.

import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { path } from "./files.mjs";
import { median, progress, random, ratio, shuffled } from "./measure.mjs";

const run = promisify(execFile);

/**
 * Starts each bundle in every round, in random order. Returns for each the median milliseconds of the load, of the first call and of both
 * together, and the ratio of both together to the bundle with the name `unit`.
 */
export async function timeColdStart(bundles, rounds, unit) {
  const loaded = bundles.filter(({ file }) => file !== undefined);
  const subjects = loaded.map(({ who, file }) => ({ who, file, parts: [], samples: [] }));
  const next = random();
  // Round 0 is not measured. It brings the files into the operating system's cache.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { file, parts, samples } of shuffled(subjects, next)) {
      const { stdout } = await run(process.execPath, [path("bench/cold-child.mjs"), pathToFileURL(file).href]);
      if (round === 0) continue;
      const { loadMs, callMs } = JSON.parse(stdout);
      parts.push({ loadMs, callMs });
      samples.push(loadMs + callMs);
    }
    if (round === rounds || round % 5 === 0) progress(`cold start: round ${round} of ${rounds}`);
  }
  const other = subjects.find(({ who }) => who === unit);
  return subjects.map((one) => {
    const of = (key) => median(one.parts.map((part) => part[key]));
    return {
      who: one.who,
      ms: median(one.samples),
      loadMs: of("loadMs"),
      callMs: of("callMs"),
      ratio: ratio(one, other),
    };
  });
}
