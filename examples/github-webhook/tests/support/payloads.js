// The payloads that GitHub and its enterprise servers sent, as @octokit/webhooks-examples collects them.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = dirname(createRequire(import.meta.url).resolve("@octokit/webhooks-examples/package.json"));

/** The events that the worker tells. */
export const TOLD = [
  "commit_comment",
  "issue_comment",
  "issues",
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "push",
  "release",
];

/** Every payload as `{ server, event, payload }`. */
export const payloads = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: server }) => {
    const events = JSON.parse(readFileSync(join(folder, server, "index.json"), "utf8"));
    return events.flatMap(({ name: event, examples }) => examples.map((payload) => ({ server, event, payload })));
  });

/** One payload of an event, with some of its parts changed: `{ issue: { state: "closed" } }`. */
export function payloadOf(event, action, changes = {}) {
  const { payload } = payloads.find(({ event: name, payload }) => name === event && payload.action === action);
  const copy = structuredClone(payload);
  for (const [key, parts] of Object.entries(changes)) copy[key] = { ...copy[key], ...parts };
  return copy;
}
