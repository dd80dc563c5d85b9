// A row of the table: one environment, with a folder of its own in which its files are, and the tools that it needs.

import { spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { expected, makeGiven } from "./given.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * What a file of environments/ says of a row.
 *
 * @typedef {object} Description
 * @property {string} name
 * @property {string | null} [tool] The package whose version the table shows; null where the row tells a version itself. Default: the first
 *   of the file's packages.
 * @property {string} [note] What a user of this environment has to know, in Markdown.
 * @property {object} [expects] Steps of the program that give something else here.
 * @property {Part[]} [parts] Several results that come from one run, such as those of all routes of one server.
 * @property {(row: Row, given: any) => Promise<any>} run Runs the program and returns its result. With `parts` it calls `row.part` for each.
 */

/** @typedef {{ name: string, note?: string, expects?: object }} Part */

/** @typedef {{ ok: boolean, text?: string, fault?: "tool", version?: string, seconds: number }} Verdict */

/** That an environment fails without the package too. */
export class ToolFault extends Error {}

/**
 * The results that a row has: one, or one for each part.
 *
 * @param {Description} row
 * @returns {(Part & { environment: string, way: string })[]} `name` is the full name; `environment` and `way` are its two halves.
 */
export function partsOf({ name, note, expects, parts }) {
  if (parts)
    return parts.map((part) => ({ ...part, name: `${name}: ${part.name}`, environment: name, way: part.name }));
  const [environment, way = ""] = name.split(", ");
  return [{ name, note, expects, environment, way }];
}

/**
 * The version of a row's tool, as its file names it. A row whose environment tells its version itself has none.
 *
 * @param {Description} row
 * @param {Record<string, string>} packages
 */
export const versionOf = ({ tool }, packages) =>
  tool === null ? undefined : packages[tool ?? Object.keys(packages)[0]]?.replace(/^npm:.*@/, "");

export class Row {
  /** The version that the table shows, if the environment itself tells it. Default: that of the tool. */
  version;
  #description;
  #kit;
  #log;
  /** What is to be ended, in the order in which it was started. */
  #ends = [];
  /** @type {Record<string, Verdict>} */
  #verdicts = {};

  /**
   * @param {Description} description
   * @param {string} kit The folder in whose node_modules the package and the tools are.
   * @param {(text: string) => void} [log] Called with what the programs of the row print.
   */
  constructor(description, kit, log = () => {}) {
    this.#description = description;
    this.#kit = kit;
    this.#log = log;
    /** The row's own folder, from which all packages resolve. It begins with the files of program/. */
    this.folder = join(kit, "rows", description.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"));
  }

  /**
   * Runs the row.
   *
   * @returns {Promise<Record<string, Verdict>>} A verdict for each name of `partsOf`.
   */
  async verdicts() {
    const { name, expects, parts, run } = this.#description;
    const before = performance.now();
    try {
      await this.#prepare();
      if (parts === undefined) await this.#judge(name, expects, (given) => run(this, given));
      else await run(this, undefined);
    } catch (error) {
      const seconds = (performance.now() - before) / 1000;
      for (const { name } of partsOf(this.#description)) this.#verdicts[name] ??= { ...failure(error), seconds };
    } finally {
      for (const end of this.#ends.reverse()) await end();
    }
    for (const { name } of partsOf(this.#description)) {
      this.#verdicts[name] ??= { ok: false, text: "the row has not run this part", seconds: 0 };
      this.#verdicts[name].version = this.version;
    }
    return this.#verdicts;
  }

  /** Runs one part. If it fails, the other parts run all the same. */
  async part(name, run) {
    const part = partsOf(this.#description).find(({ way }) => way === name);
    await this.#judge(part.name, part.expects, run);
  }

  async #judge(name, expects, run) {
    const before = performance.now();
    const given = await makeGiven();
    let verdict;
    try {
      await given.judge(await run(given.given), { ...expected, ...expects });
      verdict = { ok: true };
    } catch (error) {
      verdict = failure(error);
    } finally {
      await given.stop();
    }
    this.#verdicts[name] = { ...verdict, seconds: (performance.now() - before) / 1000 };
  }

  async #prepare() {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    await cp(here("../program"), this.folder, { recursive: true });
    const { code } = await transform(await readFile(here("../program/program.js"), "utf8"), { format: "cjs" });
    await writeFile(this.path("program.cjs"), code);
    await writeFile(this.path("load.js"), "export const load = (name) => import(name);\n");
  }

  /** The absolute path of a file of the row's folder. */
  path(name) {
    return join(this.folder, name);
  }

  /** Writes a file into the row's folder. */
  async write(name, text) {
    await mkdir(join(this.path(name), ".."), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** Copies a file or a folder of environments/ into the row's folder. */
  async copy(from, to = "") {
    await cp(here(`../environments/${from}`), this.path(to), { recursive: true });
  }

  /** The path of the installed package. */
  get package() {
    return join(this.#kit, "node_modules/flowdock-integration");
  }

  /** Imports a tool, as a file of the row's folder would. */
  async load(name) {
    const { load } = await import(pathToFileURL(this.path("load.js")).href);
    return load(name);
  }

  /** Imports a module that the row has made. */
  async import(name) {
    return import(pathToFileURL(this.path(name)).href);
  }

  /** The path of a package's program. */
  bin(name, bin = name) {
    const manifest = createRequire(this.path("load.js"))
      .resolve.paths(name)
      .map((folder) => join(folder, name, "package.json"));
    for (const path of manifest) {
      try {
        const { bin: bins } = createRequire(path)(path);
        return join(path, "..", typeof bins === "string" ? bins : bins[bin]);
      } catch {}
    }
    throw new Error(`the package ${name} is not installed`);
  }

  /**
   * Runs a program and returns what it prints.
   *
   * @param {{ env?: object, cwd?: string }} [options] `cwd` is the row's folder by default.
   */
  async output(program, args, options) {
    const child = this.#spawn(program, args, options);
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${child.printed.trim().slice(-3000)}`);
    return child.printedOut;
  }

  /** Runs a program whose last line is the program's result. */
  async result(program, args) {
    const printed = await this.output(program, args);
    return JSON.parse(printed.trim().split("\n").at(-1));
  }

  /**
   * Starts a program that runs until the row ends.
   *
   * @param {RegExp} ready Matches what it prints when it is ready.
   * @param {{ env?: object, cwd?: string }} [options]
   * @returns {Promise<RegExpMatchArray>}
   */
  async start(program, args, ready, options) {
    const child = this.#spawn(program, args, options);
    const closed = new Promise((resolve) => child.once("close", resolve));
    this.#ends.push(async () => {
      child.kill("SIGTERM");
      await closed;
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      closed.then((code) => reject(new Error(`${program} ended with ${code}: ${child.printed.trim().slice(-3000)}`)));
      child.onText = () => {
        const match = child.printed.match(ready);
        if (match) resolve(match);
      };
    });
  }

  #spawn(program, args, { env = {}, cwd = this.folder } = {}) {
    /** @type {any} */
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.printed = child.printedOut = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.#log(text);
        child.printed += text;
        if (stream === child.stdout) child.printedOut += text;
        child.onText?.();
      });
    }
    return child;
  }

  /** Lets something end when the row ends. */
  atEnd(end) {
    this.#ends.push(end);
  }
}

/** @returns {Pick<Verdict, "ok" | "text" | "fault">} */
function failure(error) {
  const fault = error instanceof ToolFault ? /** @type {const} */ ("tool") : undefined;
  return { ok: false, text: String(error?.message ?? error), fault };
}
