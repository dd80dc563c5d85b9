// Sends a webhook as Zendesk does: trigger.json filled in for a ticket, signed.
//
//   node send.js --url http://127.0.0.1:8787 --secret … created

import { parseArgs } from "node:util";
import { body, headers, ticket } from "./sample.js";

const status = { created: "New", replied: "Open", solved: "Solved" };
const options = { url: { type: "string" }, secret: { type: "string" } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const [event] = positionals;

if (!Object.hasOwn(status, event) || !values.url || !values.secret) {
  console.error(`usage: node send.js --url URL --secret SECRET ${Object.keys(status).join("|")}`);
  process.exit(2);
}
const filled = body(event, { ...ticket, "ticket.status": status[event] });
const response = await fetch(values.url, { method: "POST", headers: headers(values.secret, filled), body: filled });
console.log(response.status, (await response.text()).trim());
