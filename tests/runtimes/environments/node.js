// Node, in each version that is maintained.

export const group = "runtime";
export const packages = {
  node20: "npm:node@20.20.2",
  node22: "npm:node@22.23.3",
  node24: "npm:node@24.21.0",
};

const slim = {
  name: "Node 24, `slim`",
  tool: "node24",
  async run(row, given) {
    await row.write(
      "slim.js",
      `import { readFile } from "node:fs/promises";
      import * as flowdock from "flowdock-integration/slim";
      import { program } from "./program.js";
      for (const name of ["core", "service"]) {
        await flowdock.init(await readFile(new URL(import.meta.resolve(\`flowdock-integration/\${name}.wasm\`))));
      }
      console.log(JSON.stringify(await program(flowdock, JSON.parse(process.argv.at(-1)))));`,
    );
    return row.result(row.bin("node24", "node"), ["slim.js", JSON.stringify(given)]);
  },
};

export const rows = [
  ...Object.keys(packages).flatMap((tool) =>
    [
      ["import", "print.js"],
      ["require", "print.cjs"],
    ].map(([way, entry]) => ({
      name: `Node ${tool.slice("node".length)}, ${way}`,
      tool,
      run: (row, given) => row.result(row.bin(tool, "node"), [entry, JSON.stringify(given)]),
    })),
  ),
  slim,
];
