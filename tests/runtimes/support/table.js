// The table: for a terminal with the seconds, and for docs/runtimes.md in Markdown.

/** The groups of environments, in the order of the table. */
export const GROUPS = ["runtime", "edge", "framework", "bundler", "test runner", "browser"];

/** @typedef {{ file: string, index: number, name: string, version?: string, ok: boolean, fault?: "tool", text?: string, note?: string, seconds: number }} Line */

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
  const cells = lines.map((line) => [line.name, line.version ?? "", line.ok ? "yes" : "no", line.note ?? ""]);
  const rows = [["environment", "version", "works", "what to know"], ["---", "---", "---", "---"], ...cells];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
