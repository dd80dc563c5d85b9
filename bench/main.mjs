// `cargo xtask bench`: compares the package with the libraries that people could use instead. Markdown goes to standard output, progress to
// standard error. The exit code says only whether the measurement succeeded; it does not depend on the figures.

import { execFileSync, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { path, readMessages } from "./files.mjs";
import { progress } from "./measure.mjs";
import { standalone } from "./standalone.mjs";

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    // Whether to write the short table into docs/performance.md.
    docs: { type: "boolean", default: false },
    // Whether to measure quickly: one process, fewer rounds, no tables of HTML.
    quick: { type: "boolean", default: false },
  },
});

const PROCESSES = options.quick ? 1 : 3;
const SETTINGS = options.quick ? { rounds: 7, sampleMs: 4 } : { rounds: 21, sampleMs: 8 };
const COLD_ROUNDS = options.quick ? 5 : 21;

await standalone();
// Imported only now, because one of the peers imports the file that was just written.
const [{ agree }, { combine }, { bundle }, { timeColdStart }, { timeInChromium }, report] = await Promise.all(
  ["agree", "encode", "bundles", "cold", "chromium", "report"].map((name) => import(`./${name}.mjs`)),
);

const agreement = agree(readMessages());
progress("agreement checked");
const sizes = await bundle();
progress("bundles made");

const runs = [];
for (let number = 1; number <= PROCESSES; number += 1) {
  progress(`process ${number} of ${PROCESSES}`);
  runs.push(await inProcess({ ...SETTINGS, seed: number }));
}
const cold = await timeColdStart(sizes, COLD_ROUNDS, "hand-written");
const page = await timeInChromium(SETTINGS);
const results = {
  machine: report.machine(),
  agreement,
  node: combine(runs),
  cold,
  sizes: sizes.map(({ file, ...size }) => size),
  chromium: page && { version: page.version, times: combine([page.times]) },
};

console.log(report.full(results));
if (!options.quick) {
  progress("HTML");
  console.log(html(results));
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
if (options.docs) writeShortTable();
progress("done");

function inProcess(settings) {
  const child = fork(path("bench/node.mjs"), [JSON.stringify(settings)]);
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => code !== 0 && reject(new Error(`a process that times ended with ${code}`)));
  });
}

/** Runs bench/html.mjs in a separate process, and adds its figures to the results. */
function html(results) {
  const json = path("target/bench/html.json");
  const markdown = execFileSync(process.execPath, [path("bench/html.mjs"), "--json", json], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  results.html = JSON.parse(readFileSync(json, "utf8"));
  return `\n## HTML\n\n${markdown}`;
}

function writeShortTable() {
  const guide = path("docs/performance.md");
  const text = readFileSync(guide, "utf8");
  const [begin, end] = ["<!-- bench:begin -->", "<!-- bench:end -->"];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/performance.md lacks ${begin} or ${end}`);
  writeFileSync(guide, `${text.slice(0, from)}${begin}\n\n${report.short(results)}\n\n${text.slice(to)}`);
}
