// The example payloads that send.js sends: those of @octokit/webhooks-examples, and some that it lacks.

import { createRequire } from "node:module";

/** @typedef {{ action?: string, [key: string]: any }} Payload */

/** @type {{ name: string, examples: Payload[] }[]} */
const collected = createRequire(import.meta.url)("@octokit/webhooks-examples");

/**
 * Payloads that the collection lacks, each made from another one by changing what GitHub changes.
 *
 * @type {Record<string, (payloads: Payload[]) => Payload[]>}
 */
const made = { issues: (payloads) => payloads.filter(({ action }) => action === "opened").map(closed) };

/** @param {Payload} opened */
function closed({ issue, ...rest }) {
  const at = issue.updated_at;
  return { ...rest, action: "closed", issue: { ...issue, state: "closed", state_reason: "completed", closed_at: at } };
}

/** The names of all events that have payloads. */
export const EVENTS = collected.map(({ name }) => name);

/**
 * Returns the example payloads of an event.
 *
 * @param {string} event
 */
export function payloadsOf(event) {
  const found = collected.find(({ name }) => name === event)?.examples ?? [];
  return [...found, ...(Object.hasOwn(made, event) ? made[event](found) : [])];
}

/**
 * Names an event with its actions, such as `release.created`.
 *
 * @param {string} event
 */
export function actionsOf(event) {
  const actions = [...new Set(payloadsOf(event).flatMap(({ action }) => action ?? []))];
  return actions.length > 0 ? actions.map((action) => `${event}.${action}`) : [event];
}
