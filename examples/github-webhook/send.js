// Sends a signed webhook as GitHub does, with an example payload. GITHUB_WEBHOOK_URL and GITHUB_WEBHOOK_SECRET name the worker.
//
//   node send.js issues.opened
//   node send.js           lists what the worker posts
//   node send.js --all     lists every event

import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { sign } from "@octokit/webhooks-methods";
import { actionsOf, EVENTS, payloadsOf } from "./sample.js";
import { TOLD } from "./src/message.js";

const { GITHUB_WEBHOOK_URL = "", GITHUB_WEBHOOK_SECRET = "" } = process.env;
const { values, positionals } = parseArgs({
  options: {
    all: { type: "boolean" },
    url: { type: "string", default: GITHUB_WEBHOOK_URL },
    secret: { type: "string", default: GITHUB_WEBHOOK_SECRET },
  },
  allowPositionals: true,
});
const [wanted = ""] = positionals;
const [event, action] = wanted.split(".");
const payload = payloadsOf(event).find((example) => action === undefined || example.action === action);
if (!payload) fail(problem());
if (!values.url || !values.secret) {
  fail("Set GITHUB_WEBHOOK_URL and GITHUB_WEBHOOK_SECRET, or give --url and --secret: start.js prints them.");
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
}).catch((error) => fail(`No worker answers at ${values.url}: ${error.cause?.code ?? error.message}.`));
console.log(response.status, (await response.text()).trim());

/** Says what can be sent instead. */
function problem() {
  if (EVENTS.includes(event))
    return `There is no example of ${wanted}. There are:\n\n  ${actionsOf(event).join("\n  ")}`;
  const said = wanted ? `There is no example of ${wanted}.` : "usage: node send.js [--url URL] [--secret SECRET] EVENT";
  const lines = TOLD.map((name) => `  ${actionsOf(name).join(" ")}`);
  const others = EVENTS.filter((name) => !TOLD.includes(name));
  const rest = values.all
    ? `It answers 202 to all other events and posts nothing:\n\n  ${others.join(" ")}`
    : `--all lists ${others.length} more events, of which it posts nothing.`;
  return `${said}\n\nThe worker posts these events:\n\n${lines.join("\n")}\n\n${rest}`;
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  console.error(text);
  process.exit(2);
}
