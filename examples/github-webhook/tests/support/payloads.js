// Real payloads of GitHub and its enterprise servers, from @octokit/webhooks-examples.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = dirname(createRequire(import.meta.url).resolve("@octokit/webhooks-examples/package.json"));

/** Every payload as `{ server, event, payload }`. */
export const payloads = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: server }) => {
    const events = JSON.parse(readFileSync(join(folder, server, "index.json"), "utf8"));
    return events.flatMap(({ name: event, examples }) => examples.map((payload) => ({ server, event, payload })));
  });

/** Returns one payload of an event with changes, such as `{ issue: { state: "closed" } }`. */
export function payloadOf(event, action, changes = {}) {
  const { payload } = payloads.find(({ event: name, payload }) => name === event && payload.action === action);
  const copy = structuredClone(payload);
  for (const [key, parts] of Object.entries(changes)) copy[key] = { ...copy[key], ...parts };
  return copy;
}
