// The table of cases in tests/fixtures, which the tests of the crate read as well.

import { readFileSync } from "node:fs";

export function read(path) {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), "utf8"));
}

const messages = read("messages.json");

/** The rows of rules.json, each with its message put together. */
export const cases = read("rules.json").map((row) => ({ ...row, message: message(row) }));

function message({ base, set = {}, unset = [] }) {
  const message = structuredClone(messages[base] ?? {});
  for (const path of unset) {
    const [parent, key] = at(message, path);
    delete parent[key];
  }
  for (const [path, value] of Object.entries(set)) {
    const [parent, key] = at(message, path);
    parent[key] = typeof value?.repeat === "string" ? value.repeat.repeat(value.times) : value;
  }
  return message;
}

/** The object that holds what a JSON Pointer names, and the key. */
function at(message, path) {
  const keys = path.slice(1).split("/");
  const key = keys.pop().replaceAll("~1", "/").replaceAll("~0", "~");
  return [keys.reduce((value, part) => value[part], message), key];
}
