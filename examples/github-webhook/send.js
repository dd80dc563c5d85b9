// Sends a signed webhook as GitHub does, with an example payload of @octokit/webhooks-examples.
//
//   node send.js --url http://127.0.0.1:8787 --secret … issues.opened

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { sign } from "@octokit/webhooks-methods";

/** @typedef {{ action?: string }} Payload */

/** @type {{ name: string, examples: Payload[] }[]} */
const payloads = createRequire(import.meta.url)("@octokit/webhooks-examples");
const { values, positionals } = parseArgs({
  options: { url: { type: "string" }, secret: { type: "string" } },
  allowPositionals: true,
});
const [event, action] = (positionals[0] ?? "ping").split(".");

const examples = payloads.find(({ name }) => name === event)?.examples ?? [];
const payload = examples.find((example) => action === undefined || example.action === action);
if (!payload || !values.url || !values.secret) {
  const actions = [...new Set(examples.map((example) => example.action))].filter(Boolean);
  console.error("usage: node send.js --url URL --secret SECRET EVENT[.ACTION]");
  console.error(
    actions.length > 0
      ? `${event} comes with ${actions.join(", ")}`
      : `events: ${payloads.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
const body = JSON.stringify(payload);
const response = await fetch(values.url, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": await sign(values.secret, body),
  },
  body,
});
console.log(response.status, (await response.text()).trim());
