// Sends a signed webhook as Zendesk does: trigger.json, filled in for a ticket.
//
//   node send.js --url http://127.0.0.1:8787 --secret … created

import { parseArgs } from "node:util";
import { body, headers, ticket } from "./sample.js";

/**
 * For each event: the person who causes it, and the ticket's status afterwards.
 *
 * @type {Record<string, [name: string, status: string]>}
 */
const steps = {
  created: ["Marty McFly", "New"],
  replied: ["Emmett Brown", "Open"],
  solved: ["Emmett Brown", "Solved"],
};
const { values, positionals } = parseArgs({
  options: { url: { type: "string" }, secret: { type: "string" } },
  allowPositionals: true,
});
const [event] = positionals;

if (!Object.hasOwn(steps, event) || !values.url || !values.secret) {
  console.error(`usage: node send.js --url URL --secret SECRET ${Object.keys(steps).join("|")}`);
  process.exit(2);
}
const [name, status] = steps[event];
const filled = body(event, { ...ticket, "current_user.name": name, "ticket.status": status });
const response = await fetch(values.url, { method: "POST", headers: headers(values.secret, filled), body: filled });
console.log(response.status, (await response.text()).trim());
