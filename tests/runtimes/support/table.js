// The table: for a terminal with the seconds, and for docs/runtimes.md in Markdown.

import { expected } from "./given.js";

/** The groups of environments, in the order of the table. */
export const GROUPS = ["runtime", "edge", "framework", "bundler", "test runner", "browser"];

/**
 * @typedef {{ file: string, index: number, version?: string } & import("./row.js").Verdict & ReturnType<typeof import("./row.js").partsOf>[0]} Line
 */

/**
 * @param {Pick<Line, "ok" | "fault">} line
 */
export function word({ ok, fault }) {
  if (ok) return "ok";
  // The environment fails without the package too. That is no success, but nothing that the package can change.
  return fault === "tool" ? "TOOL FAILS" : "FAILED";
}

/** @returns {(a: Line, b: Line) => number} Sorts lines as the files are sorted. Lines of one file stay in its order. */
export function inOrder(files) {
  const number = ({ file }) => files.findIndex((each) => each.file === file);
  return (a, b) => number(a) - number(b) || a.index - b.index;
}

/** @param {Line[]} lines */
export function forTerminal(lines) {
  const cells = lines.map((line) => [
    line.name,
    line.version ?? "",
    word(line),
    line.seconds.toFixed(1),
    line.note ?? line.fault ?? "",
  ]);
  const rows = [["environment", "version", "result", "seconds", "note"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** @param {Line[]} lines */
export function forDocs(lines) {
  // Ways of one environment of which the same is to be said share a row.
  const rows = new Map();
  for (const { environment, way, version = "", note = "", ...line } of lines) {
    const key = [environment, version, works(line), note];
    const row = rows.get(key.join("|")) ?? { key, ways: [] };
    rows.set(key.join("|"), row);
    row.ways.push(way);
  }
  const cells = [...rows.values()].map(({ key: [environment, version, works, note], ways }) => {
    return [environment, version, ways.join(", "), works, note];
  });
  const head = ["environment", "version", "how", "works", "what to know"];
  return [head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/**
 * Whether all of the program works, or only some of its steps.
 *
 * @param {Pick<Line, "ok" | "expects">} line
 */
function works({ ok, expects }) {
  if (!ok) return "no";
  if (expects === undefined) return "yes";
  return Object.keys(expected).every((step) => step in expects) ? "no" : "in part";
}
