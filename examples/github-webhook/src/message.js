// Makes a message from each event: an activity for something that happened to an item, a discussion for a text that somebody wrote about it.
//
// Many values of a payload may be null or missing: the account of a person who has left, the fork of a pull request, a text. The message then
// has less information, but still whole sentences.

import { activity, discussion, html } from "flowdock-integration";
import { lines, link, webUrl } from "../../support/text.js";
import { commitThread, issueThread, pullRequestThread, refThread, releaseThread } from "./threads.js";
import { commentTitle, pushTitle, reviewTitle, title } from "./titles.js";

/** @import { HtmlParts, Message } from "flowdock-integration" */
/** @import { Item, Payload } from "./threads.js" */

/** How many commits of a push are listed at most. */
const SHOWN_COMMITS = 10;

/** GitHub's own name for a deleted account. */
const GHOST = "ghost";

/**
 * The functions that make messages, by the event's name in the header X-GitHub-Event.
 *
 * @type {Record<string, (payload: Payload) => Message>}
 */
const events = {
  issues: (payload) => happened(payload, issueThread(payload, payload.action), title(payload)),
  issue_comment: (payload) => commented(payload, issueThread(payload)),
  pull_request: (payload) => happened(payload, pullRequestThread(payload), title(payload), branches(payload)),
  pull_request_review: reviewed,
  pull_request_review_comment: (payload) => commented(payload, pullRequestThread(payload)),
  commit_comment: (payload) => commented(payload, commitThread(payload)),
  push: (payload) => happened(payload, refThread(payload), pushTitle(payload), commits(payload)),
  release: (payload) => happened(payload, releaseThread(payload), title(payload)),
};

/** The names of the events that become messages. */
export const TOLD = Object.keys(events);

/**
 * Makes the message for an event.
 *
 * @param {string | null} event The header X-GitHub-Event.
 * @param {Payload} payload The body of the webhook.
 * @returns {Message | undefined} Undefined for an event that is not posted.
 * @throws {import("flowdock-integration").FlowdockError} `invalid_message`.
 * @throws {TypeError} If the payload does not have the form of the event.
 */
export function toMessage(event, payload) {
  return event !== null && Object.hasOwn(events, event) ? events[event](payload) : undefined;
}

/**
 * @param {Payload} payload
 * @param {Item} item
 * @param {HtmlParts} title
 * @param {HtmlParts} [body]
 */
function happened({ sender, pusher }, item, title, body) {
  return activity({ ...item, author: author(sender, pusher), title, body });
}

/**
 * Makes a discussion from a text. Its author is the account that GitHub names beside the text. An empty text becomes an activity.
 *
 * @param {Payload} user
 * @param {Payload} payload
 * @param {Item} item
 * @param {HtmlParts} title
 * @param {string | null | undefined} text
 */
function wrote(user, payload, item, title, text) {
  if (!text?.trim()) return happened({ sender: user ?? payload.sender }, item, title);
  return discussion({ ...item, author: author(user, payload.sender), title, body: lines(text) });
}

/**
 * @param {Payload} payload
 * @param {Item} item
 */
function commented(payload, item) {
  const { action, comment } = payload;
  switch (action) {
    case "created":
      return wrote(comment.user, payload, item, commentTitle(payload, "commented"), comment.body);
    case "edited":
      return happened(payload, item, commentTitle(payload, "edited a comment"), lines(comment.body));
    default:
      return happened(payload, item, html`${action ?? "changed"} a comment`);
  }
}

/** @param {Payload} payload */
function reviewed(payload) {
  const { action, review } = payload;
  const item = pullRequestThread(payload);
  if (action === "submitted") return wrote(review.user, payload, item, reviewTitle(payload), review.body);
  return happened(payload, item, reviewTitle(payload));
}

/**
 * Names the branches of a pull request. Of a deleted fork only the branch's name is known.
 *
 * @param {Payload} payload
 */
function branches({ action, pull_request: { head, base } }) {
  const [from, into] = [head, base].map((branch) => branch?.label ?? branch?.ref);
  return action === "opened" && from && into ? html`from <code>${from}</code> into <code>${into}</code>` : undefined;
}

/** @param {Payload} payload */
function commits({ commits, compare }) {
  if (!commits?.length) return undefined;
  const items = commits.slice(-SHOWN_COMMITS).map((/** @type {Payload} */ commit) => {
    const id = commit?.id ? link(commit.url, html`<code>${commit.id.slice(0, 7)}</code>`) : html`a commit`;
    const [subject] = (commit?.message ?? "").trim().split("\n", 1);
    return subject ? html`<li>${id} ${subject}</li>` : html`<li>${id}</li>`;
  });
  const more = commits.length - items.length;
  return html`<ul>${items}</ul>${more > 0 ? html`<p>${link(compare, `and ${more} more`)}</p>` : ""}`;
}

/**
 * Makes the author from the first person that has a name. A person is an account, or the pusher of a push, which may be no account.
 *
 * @param {...Payload} people
 */
function author(...people) {
  const person = people.find((one) => nameOf(one));
  return { name: nameOf(person) ?? GHOST, avatar: webUrl(person?.avatar_url) };
}

/**
 * @param {Payload} person
 * @returns {string | undefined}
 */
function nameOf(person) {
  return person?.login?.trim() || person?.name?.trim() || undefined;
}
