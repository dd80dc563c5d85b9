// What each of the triggers tells, in the form of trigger.json.

import { activity, discussion, html } from "flowdock-integration";
import { fields, lines } from "../../support/text.js";

/** By the `event` that stands in the trigger's JSON. */
const events = {
  created: (payload) => happened(payload, "created the ticket"),
  // A reply of attachments alone has no words.
  replied: (payload) => (payload.comment?.trim() ? wrote(payload) : happened(payload, "replied")),
  solved: (payload) => happened(payload, "solved the ticket"),
};

/** As Zendesk paints them. */
const colors = { new: "orange", open: "red", pending: "blue", "on-hold": "black", solved: "grey", closed: "grey" };

/**
 * @param {object} payload The trigger's JSON, with its placeholders filled in.
 * @returns {import("flowdock-integration").Message}
 * @throws {import("flowdock-integration").FlowdockError} `invalid_message`.
 * @throws {TypeError} For JSON of another form.
 */
export function toMessage(payload) {
  const { event, ticket } = payload;
  if (!Object.hasOwn(events, event)) throw new TypeError(`\`event\` must be one of ${Object.keys(events).join(", ")}`);
  if (!ticket?.id) throw new TypeError("`ticket.id` is missing");
  return events[event](payload);
}

function happened(payload, title) {
  return activity({ ...about(payload), title });
}

function wrote(payload) {
  return discussion({ ...about(payload), title: "replied", body: lines(payload.comment) });
}

function about({ event, author, ticket: { id, title, description, url, status, priority, type, requester, assignee, group } }) {
  const link = absolute(url);
  return {
    author: author || "Zendesk",
    external_thread_id: `zendesk:tickets:${id}`,
    thread: {
      title: html`#${id} ${title}`,
      body: lines(description),
      external_url: link,
      status: status ? [status, color(event, status)] : undefined,
      fields: fields({ Requester: requester, Assignee: assignee, Group: group, Priority: priority, Type: type }),
      actions: link && [{ name: "View in Zendesk", url: link }],
    },
  };
}

/** Zendesk's documents leave open whether a ticket's link has its scheme. */
function absolute(url) {
  if (!url) return undefined;
  return /^https?:/i.test(url) ? url : `https://${url}`;
}

/** A status is written in the language of the account; of a solved ticket the event says what it means. */
function color(event, status) {
  const name = status.toLowerCase();
  if (Object.hasOwn(colors, name)) return colors[name];
  return event === "solved" ? colors.solved : undefined;
}
