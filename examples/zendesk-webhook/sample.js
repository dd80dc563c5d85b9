// Makes a signed delivery as Zendesk does for a trigger: the trigger's JSON with its placeholders filled in.

import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const template = readFileSync(new URL("trigger.json", import.meta.url), "utf8");

/**
 * The values of a ticket, by placeholder.
 *
 * @type {Record<string, string>}
 */
export const ticket = {
  "current_user.name": "Emmett Brown",
  "ticket.latest_public_comment": "It runs on steam now.\n\nNo plutonium needed.",
  "ticket.id": "35436",
  "ticket.title": "The flux capacitor fluxes no more",
  "ticket.verbatim_description": "It happened at 88 miles per hour.\nPlease help!",
  "ticket.link": "https://garage.zendesk.com/agent/tickets/35436",
  "ticket.status": "Open",
  "ticket.priority": "High",
  "ticket.ticket_type": "Incident",
  "ticket.requester.name": "Marty McFly",
  "ticket.assignee.name": "Emmett Brown",
  "ticket.group.name": "Time travel",
};

/**
 * Makes the body of a trigger's webhook. Values that the ticket does not have are empty.
 *
 * @param {string} event
 */
export function body(event, values = ticket) {
  const filled = template.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name) => JSON.stringify(values[name] ?? "").slice(1, -1));
  return JSON.stringify({ ...JSON.parse(filled), event });
}

/**
 * Makes the headers for a body, with its signature.
 *
 * @param {string} secret
 * @param {string} body
 * @returns {{ [name in "content-type" | `x-zendesk-webhook-${"invocation-id" | "signature" | "signature-timestamp"}`]: string }}
 */
export function headers(secret, body, time = new Date().toISOString()) {
  return {
    "content-type": "application/json",
    "x-zendesk-webhook-invocation-id": randomUUID(),
    "x-zendesk-webhook-signature": createHmac("sha256", secret).update(time).update(body).digest("base64"),
    "x-zendesk-webhook-signature-timestamp": time,
  };
}
