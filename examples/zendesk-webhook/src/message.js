// Makes a message from the JSON of a trigger, which has the form of trigger.json.

import { activity, discussion, html } from "flowdock-integration";
import { fields, lines, webUrl } from "../../support/text.js";

/** @import { HtmlParts, Message, StatusColor } from "flowdock-integration" */

/**
 * @typedef {Record<string, string>} Texts Texts, by their keys in trigger.json.
 * @typedef {{ event: string, author?: string, comment?: string, ticket: Texts }} Payload
 */

/**
 * The functions that make messages, by the `event` in the trigger's JSON.
 *
 * @type {Record<string, (payload: Payload) => Message>}
 */
const events = {
  created: (payload) => happened(payload, "created the ticket"),
  // A reply that consists of attachments only has no text.
  replied: (payload) => (payload.comment ? wrote(payload) : happened(payload, "replied")),
  solved: (payload) => happened(payload, "solved the ticket"),
};

/**
 * The colours that Zendesk uses for each status.
 *
 * @type {Record<string, StatusColor>}
 */
const colors = { new: "orange", open: "red", pending: "blue", "on-hold": "black", solved: "grey", closed: "grey" };

/** Matches a placeholder that was not filled in. Zendesk leaves a placeholder with an unknown name unchanged. */
const PLACEHOLDER = /^\s*\{\{[^{}]*\}\}\s*$/;

/**
 * Makes the message for a delivery.
 *
 * @param {any} payload The trigger's JSON. Placeholders that are not filled in are left out and logged.
 * @returns {Message}
 * @throws {import("flowdock-integration").FlowdockError} `invalid_message`.
 * @throws {TypeError} If the JSON does not have the form of trigger.json.
 */
export function toMessage(payload) {
  const { event } = payload;
  if (!Object.hasOwn(events, event)) throw new TypeError(`\`event\` must be one of ${Object.keys(events).join(", ")}`);
  const { author, comment } = texts({ author: payload.author, comment: payload.comment }, "");
  const ticket = texts(payload.ticket, "ticket.");
  // Without an id, all tickets would share one thread.
  if (!ticket.id) throw new TypeError("`ticket.id` is missing");
  return events[event]({ event, author, comment, ticket });
}

/**
 * Returns the values as texts. Values that are blank, not filled in, or neither texts nor numbers are left out.
 *
 * @param {unknown} values
 * @param {string} path
 * @returns {Texts}
 */
function texts(values, path) {
  const entries = Object.entries(values ?? {}).map(([key, value]) => [key, text(value, `${path}${key}`)]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

/**
 * @param {unknown} value
 * @param {string} path
 */
function text(value, path) {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return undefined;
  if (!PLACEHOLDER.test(value)) return value.trim();
  leftOut(path, `Zendesk did not fill in ${value.trim()}`);
  return undefined;
}

/**
 * @param {string} path
 * @param {string} why
 */
function leftOut(path, why) {
  console.warn(`\`${path}\` is left out: ${why}`);
}

/**
 * @param {Payload} payload
 * @param {HtmlParts} title
 */
function happened(payload, title) {
  return activity({ ...about(payload), title });
}

/** @param {Payload} payload */
function wrote(payload) {
  return discussion({ ...about(payload), title: "replied", body: lines(payload.comment) });
}

/** @param {Payload} payload */
function about({
  event,
  author,
  ticket: { id, title, description, url, status, priority, type, requester, assignee, group },
}) {
  const link = address(url);
  return {
    author: author ?? "Zendesk",
    external_thread_id: `zendesk:tickets:${id}`,
    thread: {
      title: title ? html`#${id} ${title}` : html`#${id}`,
      body: lines(description),
      // A ViewAction with the same address would be the same link once more.
      external_url: link,
      status: status ? /** @type {const} */ ([status, color(event, status) ?? null]) : undefined,
      fields: fields({ Requester: requester, Assignee: assignee, Group: group, Priority: priority, Type: type }),
    },
  };
}

/**
 * Returns a ticket's link as a URL. It adds `https://` if the link has no scheme, because Zendesk's documentation does not say whether it has one.
 *
 * @param {string | undefined} url
 */
function address(url) {
  if (!url) return undefined;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
  // A link with a placeholder in it would lead nowhere, or to another ticket.
  const link = absolute.includes("{{") ? undefined : webUrl(absolute);
  if (!link) leftOut("ticket.url", "it is no address of the web");
  return link;
}

/**
 * Returns the colour of a status. Zendesk writes a status in the language of the account, so a name may be unknown here. The event tells that a
 * ticket is solved.
 *
 * @param {string} event
 * @param {string} status
 */
function color(event, status) {
  const name = status.toLowerCase();
  if (Object.hasOwn(colors, name)) return colors[name];
  return event === "solved" ? colors.solved : undefined;
}
