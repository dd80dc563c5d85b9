// Bun.

export const group = "runtime";
export const packages = { bun: "1.4.5" };
export const rows = [
  ["import", "print.js"],
  ["require", "print.cjs"],
].map(([way, entry]) => ({
  name: `Bun, ${way}`,
  run: (row, given) => row.result(row.bin("bun"), [entry, JSON.stringify(given)]),
}));
