// Finds and reads the files that the benchmarks need.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Returns the absolute path of a file or folder of the repository. */
export const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const readJson = (name) => JSON.parse(readFileSync(path(name), "utf8"));

export const readMessages = () => readJson("bench/messages.json");

/** Returns the versions of the compared packages. package.json has the exact versions, because they are pinned. */
export function versions(names) {
  const { devDependencies } = readJson("package.json");
  return names.map((name) => `${name} ${devDependencies[name]}`);
}
