// Sends signed webhooks as Zendesk does: trigger.json, filled in for a ticket. ZENDESK_WEBHOOK_URL and ZENDESK_SIGNING_SECRET name the worker.
//
//   node send.js             a new ticket goes through all steps
//   node send.js created     one step of the example ticket

import { parseArgs } from "node:util";
import { body, headers, ticket } from "./sample.js";

/**
 * For each event, in the order of a ticket's life: the person who causes it, and the ticket's status afterwards.
 *
 * @type {Record<string, [name: string, status: string]>}
 */
const steps = {
  created: ["Marty McFly", "New"],
  replied: ["Emmett Brown", "Open"],
  solved: ["Emmett Brown", "Solved"],
};
const { ZENDESK_WEBHOOK_URL = "", ZENDESK_SIGNING_SECRET = "" } = process.env;
const { values, positionals } = parseArgs({
  options: {
    url: { type: "string", default: ZENDESK_WEBHOOK_URL },
    secret: { type: "string", default: ZENDESK_SIGNING_SECRET },
  },
  allowPositionals: true,
});
const [only] = positionals;

if (only !== undefined && !Object.hasOwn(steps, only)) {
  fail(`usage: node send.js [--url URL] [--secret SECRET] [${Object.keys(steps).join("|")}]`);
}
if (!values.url || !values.secret) {
  fail("Set ZENDESK_WEBHOOK_URL and ZENDESK_SIGNING_SECRET, or give --url and --secret: start.js prints them.");
}
// A ticket that is solved would become new again, so each run of all steps has a ticket of its own.
const id = only ? ticket["ticket.id"] : String(Date.now()).slice(-8);
const link = ticket["ticket.link"].replace(ticket["ticket.id"], id);

for (const event of only ? [only] : Object.keys(steps)) {
  const [name, status] = steps[event];
  const values = { "ticket.id": id, "ticket.link": link, "current_user.name": name, "ticket.status": status };
  const { ok, said } = await send(body(event, { ...ticket, ...values }));
  console.log(only ? said : `#${id} ${status.padEnd(6)}  ${said}`);
  if (!ok) process.exit(1);
}

/** @param {string} filled */
async function send(filled) {
  const { url, secret } = values;
  const response = await fetch(url, { method: "POST", headers: headers(secret, filled), body: filled }).catch((error) =>
    fail(`No worker answers at ${url}: ${error.cause?.code ?? error.message}.`),
  );
  return { ok: response.ok, said: `${response.status} ${(await response.text()).trim()}` };
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  console.error(text);
  process.exit(2);
}
