// Reads the tables of tests/fixtures. The tests of the crate read them too.

import { readFileSync } from "node:fs";

export function read(path) {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), "utf8"));
}

const messages = read("messages.json");

/** The rows of rules.json, each with the message that its changes make. */
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

/** Returns the object and the key to which a JSON Pointer points. */
function at(message, path) {
  const keys = path.slice(1).split("/");
  const key = keys.pop().replaceAll("~1", "/").replaceAll("~0", "~");
  return [keys.reduce((value, part) => value[part], message), key];
}
