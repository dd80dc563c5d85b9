// Writes figures and tables as Markdown.

import { availableParallelism, cpus } from "node:os";

/** Writes a number with two or three significant digits. */
export function figure(number) {
  return number.toFixed(number >= 100 ? 0 : number >= 10 ? 1 : 2);
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column ? "--:" : "---"))), ...rows.map(line)].join("\n");
}

export function machine() {
  return `Node ${process.version}, ${availableParallelism()} CPUs (${cpus()[0]?.model.trim() ?? "unknown"})`;
}
