// Jest, which runs CommonJS by default, in each of its environments.

import { readFile } from "node:fs/promises";

export const group = "test runner";
export const packages = {
  jest: "30.5.2",
  "jest-environment-jsdom": "30.5.2",
  "jest-fixed-jsdom": "0.0.11",
  "@edge-runtime/jest-environment": "4.0.0",
};

const run = (testEnvironment) => async (row, given) => {
  await row.write(
    "program.test.cjs",
    `const { writeFileSync } = require("node:fs");
    const flowdock = require("flowdock-integration");
    const { program } = require("./program.cjs");
    test("the program", async () => {
      writeFileSync("result.json", JSON.stringify(await program(flowdock, JSON.parse(process.env.GIVEN))));
    });`,
  );
  await row.write(
    "jest.config.json",
    JSON.stringify({ testEnvironment, testMatch: ["**/program.test.cjs"], transform: {} }),
  );
  const args = [row.bin("jest"), "--config=jest.config.json", "--no-cache", "--runInBand"];
  await row.output(process.execPath, args, { env: { GIVEN: JSON.stringify(given) } });
  return JSON.parse(await readFile(row.path("result.json"), "utf8"));
};

const withoutSubtle = { genuine: "invalid_option", forged: "invalid_option" };

export const rows = [
  { name: "Jest, node", run: run("node") },
  {
    name: "Jest, jsdom",
    note: "jsdom has no `fetch` and no `crypto.subtle`: give the client a `fetch`, and test `verifyAction` with `node`",
    expects: { posted: "invalid_option", ...withoutSubtle },
    run: run("jsdom"),
  },
  {
    name: "Jest, jest-fixed-jsdom",
    note: "has no `crypto.subtle`: test `verifyAction` with `node`",
    expects: withoutSubtle,
    run: run("jest-fixed-jsdom"),
  },
  { name: "Jest, `@edge-runtime/jest-environment`", run: run("@edge-runtime/jest-environment") },
];
