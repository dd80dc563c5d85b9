// `cargo xtask test --runtimes`: runs program/program.js in every environment of environments/ and prints the table.
//
// The packages of an environment are installed in target/runtimes/NAME at their exact versions, once. Each row runs in a process of its
// own, so that a row that hangs or breaks leaves the others alone. What its tools print is in target/runtimes/NAME/logs.

import { fork, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { partsOf, versionOf } from "./support/row.js";
import { forDocs, forTerminal, GROUPS, inOrder, word } from "./support/table.js";

/** How many minutes a row or an install may take. Most rows take seconds; a build on a busy machine takes a minute. */
const LIMIT_MINUTES = 8;

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values: options } = parseArgs({
  options: {
    // Runs only the rows and the files whose names contain this.
    only: { type: "string", default: "" },
    // How many environments run at a time.
    jobs: { type: "string", default: "2" },
    // Writes the table into docs/runtimes.md.
    docs: { type: "boolean", default: false },
    // Installs the packages of these files, separated by commas, and runs nothing.
    install: { type: "string" },
  },
});

/** The process groups of all that runs. */
const groups = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const pid of groups) killGroup(pid, "SIGTERM");
    process.exit(1);
  });
}

if (options.install === undefined) {
  process.exitCode = (await table()) ? 0 : 1;
} else {
  for (const file of options.install.split(",")) await install(file, (await environment(file)).packages);
}

/** Runs the rows. @returns {Promise<boolean>} Whether all of them hold. */
async function table() {
  const wanted = await chosen();
  const lines = [];
  const waiting = [...wanted];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) lines.push(...(await runFile(next)));
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  lines.sort(inOrder(wanted));

  const failed = lines.filter(({ ok, fault }) => !ok && fault !== "tool");
  console.log(`\n${forTerminal(lines)}`);
  for (const { name, text } of failed) console.log(`\nFAILED ${name}\n${text}`);
  const passed = lines.filter(({ ok }) => ok).length;
  console.log(`\n${lines.length - passed - failed.length} where the environment itself fails`);
  console.log(`${passed} passed, ${failed.length} failed`);
  if (options.docs && options.only === "" && failed.length === 0) await writeDocs(forDocs(lines));
  else if (options.docs)
    console.log("docs/runtimes.md stays as it is: only a whole table without a failure is written there");
  return failed.length === 0;
}

/** The environments whose file or rows the option `only` names. */
async function chosen() {
  const wanted = [];
  const matches = (text) => text.toLowerCase().includes(options.only.toLowerCase());
  for (const name of await readdir(new URL("environments/", import.meta.url))) {
    if (!name.endsWith(".js")) continue;
    const file = name.slice(0, -".js".length);
    const { group, packages = {}, rows } = await environment(file);
    if (!GROUPS.includes(group)) throw new Error(`environments/${name} has no \`group\` of ${GROUPS.join(", ")}`);
    const numbers = [...rows.keys()].filter((index) => matches(file) || matches(rows[index].name));
    if (numbers.length > 0) wanted.push({ file, group, packages, rows, numbers });
  }
  if (wanted.length === 0) throw new Error(`no environment has "${options.only}" in its name`);
  return wanted.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || (a.file < b.file ? -1 : 1));
}

function environment(file) {
  return import(`./environments/${file}.js`);
}

/** Runs the rows of a file, one after another. Each line of the table is a row's name, its verdict, and what the file says of it. */
async function runFile({ file, packages, rows, numbers }) {
  const kit = folderOf(file);
  /** @type {string | undefined} */
  let broken;
  try {
    await install(file, packages);
  } catch (error) {
    broken = `cannot be installed: ${error.message}`;
  }
  const lines = [];
  for (const index of numbers) {
    const row = rows[index];
    const verdicts = broken === undefined ? await runRow(file, index, kit) : { broken };
    for (const part of partsOf(row)) {
      const verdict = verdicts[part.name] ?? { ok: false, text: verdicts.broken, seconds: 0 };
      const version = verdict.version ?? versionOf(row, packages);
      const line = { file, index, ...part, ...verdict, version };
      console.log(`${word(line)}  ${line.name}  ${line.seconds.toFixed(1)} s`);
      lines.push(line);
    }
  }
  return lines;
}

function folderOf(file) {
  return join(root, "target/runtimes", file);
}

/** Installs the packages of a file, unless they are there, and the package itself. */
async function install(file, packages = {}) {
  const kit = folderOf(file);
  const stamp = join(kit, "installed.json");
  const wanted = JSON.stringify({ private: true, dependencies: packages });
  if ((await readFile(stamp, "utf8").catch(() => "")) !== wanted) {
    await rm(kit, { recursive: true, force: true });
    await mkdir(kit, { recursive: true });
    await writeFile(join(kit, "package.json"), wanted);
    console.log(
      `installing  ${Object.entries(packages)
        .map((entry) => entry.join("@"))
        .join(" ")}`,
    );
    const flags = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
    const npm = spawn("npm", flags, { cwd: kit, shell: process.platform === "win32", detached: true, stdio: "pipe" });
    await ended(npm, join(kit, "install.log"));
    await writeFile(stamp, wanted);
  }
  if (options.install !== undefined) return;
  const installed = join(kit, "node_modules/flowdock-integration");
  await rm(installed, { recursive: true, force: true });
  await cp(process.env.FLOWDOCK_PACKAGE, installed, { recursive: true });
}

/** Runs a row in its own process. @returns {Promise<any>} Its verdicts, or why there are none as `broken`. */
async function runRow(file, index, kit) {
  const child = fork(fileURLToPath(new URL("run-row.js", import.meta.url)), [file, String(index), kit], {
    detached: true,
    silent: true,
  });
  /** @type {any} */
  let verdicts;
  child.once("message", (message) => {
    verdicts = message;
  });
  await mkdir(join(kit, "logs"), { recursive: true });
  const log = join(kit, "logs", `${index}.log`);
  const broken = await ended(child, log).then(
    () => "the row ended without a verdict",
    (error) => error.message,
  );
  return verdicts ?? { broken };
}

/** Waits until a program ends and puts what it prints into a log. Throws if it fails or takes too long; then it is killed. */
async function ended(child, log) {
  groups.add(child.pid);
  const file = createWriteStream(log);
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      file.write(text);
      tail = (tail + text).slice(-2000);
    });
  }
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    // A browser's own handler ends the browser, which is in another group.
    killGroup(child.pid, "SIGTERM");
    setTimeout(() => killGroup(child.pid, "SIGKILL"), 5000).unref();
  }, LIMIT_MINUTES * 60_000);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  clearTimeout(limit);
  // Whatever it started and did not end.
  killGroup(child.pid, "SIGKILL");
  groups.delete(child.pid);
  file.end();
  if (late) throw new Error(`has not ended in ${LIMIT_MINUTES} minutes; the last it printed, see ${log}:\n${tail}`);
  if (code !== 0) throw new Error(`ended with ${code}, see ${log}:\n${tail}`);
}

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

async function writeDocs(text) {
  const path = join(root, "docs/runtimes.md");
  const guide = await readFile(path, "utf8");
  const [begin, end] = ["<!-- runtimes:begin -->", "<!-- runtimes:end -->"];
  const [from, to] = [guide.indexOf(begin), guide.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/runtimes.md lacks ${begin} or ${end}`);
  await writeFile(path, `${guide.slice(0, from)}${begin}\n\n${text}\n\n${guide.slice(to)}`);
}
