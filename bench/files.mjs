// Where things are, and what is read from there.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of something in the repository. */
export const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const readJson = (name) => JSON.parse(readFileSync(path(name), "utf8"));

export const readMessages = () => readJson("bench/messages.json");

/** The versions of the packages that are compared; pinned, so that they stand in package.json. */
export function versions(names) {
  const { devDependencies } = readJson("package.json");
  return names.map((name) => `${name} ${devDependencies[name]}`);
}
