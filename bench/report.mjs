// Makes the tables of `cargo xtask bench` from its results.

import { versions } from "./files.mjs";
import { figure, machine, table } from "./markdown.mjs";
import { median } from "./measure.mjs";
import { baseline, handWritten, libraries, ours } from "./peers/index.mjs";

export { machine };

/**
 * The goals that the figures are compared with. A message goes through JSON.stringify once, so no figure of the first kind can be below 1.
 *
 * @type {[what: string, goal: string, now: (look: any) => number][]}
 */
const GOALS = [
  ["typical, times JSON.stringify", "≤ 2.00", ({ ratio }) => ratio("typical", ours)],
  ["large, times JSON.stringify", "≤ 1.80", ({ ratio }) => ratio("large", ours)],
  ["non-ASCII, times JSON.stringify", "≤ 2.50", ({ ratio }) => ratio("non-ASCII", ours)],
  ["rejected with all 12 faults, times JSON.stringify", "≤ 6.50", ({ ratio }) => ratio("rejected, 12", ours)],
  ["typical, times faster than the best library", "≥ 3.00", ({ faster }) => faster("typical")],
  ["large, times faster than the best library", "≥ 12.0", ({ faster }) => faster("large")],
  ["cold start, times hand-written", "≤ 1.40", ({ cold }) => cold(ours).ratio],
];

export function full(results) {
  const { agreement, chromium } = results;
  return `# Benchmark

${results.machine}${chromium ? `; Chromium ${chromium.version}` : ""}; ${peerVersions().join(", ")}.

## Goals

${goalTable(results)}

## Encoding

Checking a message by all rules and writing its body; for a rejected one, listing all that is wrong with it. Times
JSON.stringify of the same message. ${medians(results.node)}

${ratioTable(results.node, agreement)}
${chromium ? `\n### In Chromium\n\nThe same in one page.\n\n${ratioTable(chromium.times, agreement)}\n` : ""}
## Cold start

Loading a bundle and encoding the first message, in fresh processes of Node.

${coldTable(results)}

## Size

Of what is needed to encode a message, bundled and minified by esbuild, in KB.

${sizeTable(results)}

## Agreement

${agreementNotes(agreement)}`;
}

/** Makes the table of docs/performance.md, with a row for each peer. */
export function short(results) {
  const { of, cold, size } = lookUp(results);
  const columns = ["typical", "large", "non-ASCII", "rejected, 12"];
  const line = ({ name }) => [
    marked(name, results.agreement),
    ...columns.map((input) => figure(of(input, name).ratio)),
    figure(cold({ name }).ms),
    kilobytes(size({ name }).brotli),
  ];
  const head = ["", "typical", "large", "non-ASCII", "12 faults", "cold start, ms", "KB, brotli"];
  const { name } = baseline;
  const times = columns.map((input) => `${figure(of(input, name).us)} µs`);
  const first = [name, ...times, figure(cold(baseline).ms), ""];
  const rows = [first, ...[ours, handWritten, ...libraries].map(line)];
  return `${table(head, rows)}\n\n${results.machine}; ${peerVersions().join(", ")}.`;
}

/** Writes a size in KB of 1024 bytes, as `xtask/sizes.mjs` does. */
const kilobytes = (bytes) => (bytes / 1024).toFixed(1);

const peerVersions = () => versions(["ajv", "zod", "valibot", "xss", "sanitize-html"]);

function lookUp({ node, cold, sizes, agreement }) {
  const of = (input, name) => node.find((one) => one.input.startsWith(input) && one.who === name);
  const ratio = (input, { name }) => of(input, name).ratio;
  const isSafe = ({ name }) => agreement.decisions.find((one) => one.name === name).misses.length === 0;
  return {
    of,
    ratio,
    /** How many times faster the package is than the fastest library that accepts no invalid message. */
    faster: (input) => Math.min(...libraries.filter(isSafe).map((peer) => ratio(input, peer))) / ratio(input, ours),
    cold: ({ name }) => cold.find(({ who }) => who === name),
    size: ({ name }) => sizes.find(({ who }) => who === name),
  };
}

function goalTable(results) {
  const look = lookUp(results);
  return table(
    ["", "goal", "now"],
    GOALS.map(([what, goal, now]) => [what, goal, figure(now(look))]),
  );
}

function ratioTable(times, agreement) {
  const columns = [ours, handWritten, ...libraries];
  const inputs = [...new Set(times.map(({ input }) => input))];
  const rows = inputs.map((input) => {
    const of = ({ name }) => times.find((one) => one.input === input && one.who === name);
    return [input, figure(of(baseline).us), ...columns.map((peer) => figure(of(peer).ratio))];
  });
  return table(["", "JSON.stringify, µs", ...columns.map(({ name }) => marked(name, agreement))], rows);
}

function coldTable({ cold, agreement }) {
  const rows = cold.map((one) => [
    marked(one.who, agreement),
    ...[one.ms, one.loadMs, one.callMs].map(figure),
    figure(one.ratio),
  ]);
  return table(["", "ms", "loading", "first call", "times hand-written"], rows);
}

function sizeTable({ sizes, agreement }) {
  const rows = sizes.map(({ who, bytes, gzip, brotli }) => {
    return [marked(who, agreement), kilobytes(bytes), kilobytes(gzip), kilobytes(brotli)];
  });
  return table(["", "minified", "gzip", "brotli"], rows);
}

/** Adds a star to the name of a peer that accepts invalid messages. */
function marked(name, { decisions }) {
  return decisions.find((one) => one.name === name)?.misses.length > 0 ? `${name} \\*` : name;
}

function agreementNotes({ counts: { rules, fragments }, decisions }) {
  const lines = decisions.map(({ name, misses, stricter }) => {
    const which = misses.length > 0 ? ` (${misses.map(visible).join("; ")})` : "";
    return `- ${name}: lets through ${misses.length}${which}, refuses ${stricter.length} that the rules allow.`;
  });
  return `All give the same body, or name the same faulty places, for each message that is timed. Beyond that, of
${rules.all} messages from the tests' table of rules (${rules.faulty} to refuse), and of ${fragments.all} with a fragment
of HTML (${fragments.faulty} to refuse; who lets one through is marked \\* in the tables):

${lines.join("\n")}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the function makes these characters visible
const visible = (text) => text.replaceAll(/[\0-\x1f]/g, (control) => JSON.stringify(control).slice(1, -1));

function medians(times) {
  const processes = times[0].ratios.length;
  if (processes === 1) return "Medians over rounds in one process.";
  const mine = times.filter(({ who }) => who === ours.name);
  return `Medians over rounds and over ${processes} processes, between which a figure
differs by ${percent(median(spreads(times)))} (median), one of ours by at most ${percent(Math.max(...spreads(mine)))}.`;
}

/** Returns the differences between the processes, relative to their median. */
const spreads = (times) => times.map(({ ratios, ratio }) => (Math.max(...ratios) - Math.min(...ratios)) / ratio);
const percent = (part) => `${Math.round(part * 100)} %`;
