// Vitest, in its environments for servers and for pages.

import { readFile } from "node:fs/promises";

export const group = "test runner";
export const packages = { vitest: "4.1.12", jsdom: "29.1.1", "happy-dom": "20.14.6" };
export const rows = ["node", "jsdom", "happy-dom"].map((environment) => ({
  name: `Vitest, ${environment}`,
  async run(row, given) {
    await row.write(
      "program.test.js",
      `import { writeFileSync } from "node:fs";
      import { test } from "vitest";
      import * as flowdock from "flowdock-integration";
      import { program } from "./program.js";
      test("the program", async () => {
        writeFileSync("result.json", JSON.stringify(await program(flowdock, JSON.parse(process.env.GIVEN))));
      });`,
    );
    const args = [row.bin("vitest"), "run", `--environment=${environment}`, "--root=.", "--testTimeout=60000"];
    await row.output(process.execPath, args, { env: { GIVEN: JSON.stringify(given), CI: "true" } });
    return JSON.parse(await readFile(row.path("result.json"), "utf8"));
  },
}));
