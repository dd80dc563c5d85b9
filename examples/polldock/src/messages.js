// Makes the messages about a poll. Each message contains who did what, and the state of the poll at that time.

import { activity, discussion, html } from "flowdock-integration";

/** @import { ActionParts, HtmlParts, ThreadParts } from "flowdock-integration" */
/** @import { Person } from "./changes.js" */
/** @import { PollState } from "./poll.js" */

/**
 * Makes an activity for something that happened to the poll.
 *
 * @param {PollState} poll
 * @param {Person} user
 * @param {HtmlParts} title
 */
export function happened(poll, user, title) {
  return activity({ ...parts(poll, user), title });
}

/**
 * Makes a discussion for a comment on the poll.
 *
 * @param {PollState} poll
 * @param {Person} user
 * @param {string} text
 */
export function commented(poll, user, text) {
  return discussion({ ...parts(poll, user), title: "commented on the poll", body: html`${text}` });
}

/**
 * @param {PollState} poll
 * @param {Person} user
 */
function parts(poll, user) {
  /** @type {ThreadParts} */
  const thread = {
    title: html`${poll.title}`,
    body: html`${poll.body}`,
    fields: poll.options.map(({ title, votes }) => [html`${title}`, votes]),
    status: poll.status === "open" ? ["open", "green"] : ["closed", "red"],
    // The link to the poll. A ViewAction with the same address would be the same link once more.
    external_url: poll.url,
    actions: votes(poll),
  };
  return {
    author: user.name,
    external_thread_id: `polldock:${poll.id}`,
    // Stored with the message, so that all attempts have the same uuid and a server can recognise a repeated message.
    uuid: crypto.randomUUID(),
    thread,
  };
}

/**
 * @param {PollState} poll
 * @returns {ActionParts[]}
 */
function votes({ url, status, options }) {
  if (status === "closed") return [];
  return options.map(({ id, title }) => ({
    name: `Vote for ${title}`,
    url: `${url}/vote?option=${id}`,
    method: "POST",
  }));
}
