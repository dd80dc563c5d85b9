// Deno, with the permission to use the network and no other.

export const group = "runtime";
export const packages = { deno: "2.9.6" };
export const rows = [
  {
    name: "Deno",
    note: "needs `--allow-net` and no other permission",
    run(row, given) {
      const flags = ["run", "--allow-net", "--no-prompt", "--node-modules-dir=manual", "--quiet"];
      return row.result(row.bin("deno"), [...flags, "print.js", JSON.stringify(given)]);
    },
  },
];
