// What each event tells: an activity for what happened to an item, a discussion for what somebody wrote about it.

import { activity, discussion, html } from "flowdock-integration";
import { lines } from "../../support/text.js";
import { commitThread, issueThread, pullRequestThread, refThread, releaseThread } from "./threads.js";
import { commentTitle, pushTitle, reviewTitle, title } from "./titles.js";

/** The most commits that a push lists. */
const SHOWN_COMMITS = 10;

/** By the name in the header X-GitHub-Event. */
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

/**
 * @param {string | null} event The header X-GitHub-Event.
 * @param {object} payload What came with it.
 * @returns {import("flowdock-integration").Message | undefined} None for an event that is not told.
 * @throws {import("flowdock-integration").FlowdockError} `invalid_message`.
 * @throws {TypeError} For a payload of another form.
 */
export function toMessage(event, payload) {
  return Object.hasOwn(events, event) ? events[event](payload) : undefined;
}

function happened({ sender }, item, title, body) {
  return activity({ ...item, author: author(sender), title, body });
}

function wrote(user, item, title, text) {
  return discussion({ ...item, author: author(user), title, body: lines(text) });
}

function commented(payload, item) {
  const { action, comment, sender } = payload;
  switch (action) {
    case "created":
      return wrote(comment.user ?? sender, item, commentTitle(payload, "commented"), comment.body);
    case "edited":
      return happened(payload, item, commentTitle(payload, "edited a comment"), lines(comment.body));
    default:
      return happened(payload, item, html`${action} a comment`);
  }
}

function reviewed(payload) {
  const { action, review, sender } = payload;
  const item = pullRequestThread(payload);
  if (action === "submitted" && review.body) return wrote(review.user ?? sender, item, reviewTitle(payload), review.body);
  return happened(payload, item, reviewTitle(payload));
}

function branches({ action, pull_request: { head, base } }) {
  return action === "opened" ? html`from <code>${head.label}</code> into <code>${base.label}</code>` : undefined;
}

function commits({ commits, compare }) {
  if (commits.length === 0) return undefined;
  const items = commits.slice(-SHOWN_COMMITS).map(({ id, url, message }) => {
    return html`<li><a href="${url}"><code>${id.slice(0, 7)}</code></a> ${message.split("\n", 1)}</li>`;
  });
  const more = commits.length - items.length;
  return html`<ul>${items}</ul>${more > 0 ? html`<p><a href="${compare}">and ${more} more</a></p>` : ""}`;
}

function author({ login, avatar_url: avatar }) {
  return { name: login, avatar: avatar || undefined };
}
