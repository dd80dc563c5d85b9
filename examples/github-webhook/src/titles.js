// Makes the titles of activities: a few words that say what happened.

import { html } from "flowdock-integration";
import { link } from "../../support/text.js";

/** @import { SafeHtml } from "flowdock-integration" */
/** @import { Payload } from "./threads.js" */

/**
 * Titles for the actions of issues, pull requests and releases whose name alone does not say enough. The values that they use may be missing.
 *
 * @type {Record<string, (payload: Payload) => SafeHtml>}
 */
const titles = {
  assigned: ({ assignee }) => html`assigned ${assignee?.login || "somebody"}`,
  unassigned: ({ assignee }) => html`unassigned ${assignee?.login || "somebody"}`,
  labeled: ({ label }) => (label?.name ? html`added the label ${label.name}` : html`added a label`),
  unlabeled: ({ label }) => (label?.name ? html`removed the label ${label.name}` : html`removed a label`),
  milestoned: ({ milestone }) =>
    milestone?.title ? html`set the milestone ${milestone.title}` : html`set a milestone`,
  demilestoned: ({ milestone }) =>
    milestone?.title ? html`removed the milestone ${milestone.title}` : html`removed the milestone`,
  typed: ({ type }) => (type?.name ? html`set the type ${type.name}` : html`set a type`),
  untyped: ({ type }) => (type?.name ? html`removed the type ${type.name}` : html`removed the type`),
  review_requested: (payload) => html`asked ${reviewer(payload)}for a review`,
  review_request_removed: (payload) => html`no longer asks ${reviewer(payload)}for a review`,
  synchronize: () => html`pushed to the branch`,
  edited: ({ changes }) => html`edited${changed(changes)}`,
  closed: ({ pull_request: pull }) => (pull?.merged_at ? html`merged` : html`closed`),
  transferred: ({ changes }) =>
    changes?.new_issue ? html`transferred, now ${numberOf(changes.new_issue)}` : html`transferred`,
};

/**
 * Makes the title of an event. For other actions, such as `ready_for_review`, `reopened` and future ones, it is the name of the action.
 *
 * @param {Payload} payload
 */
export function title(payload) {
  const { action } = payload;
  return Object.hasOwn(titles, action) ? titles[action](payload) : html`${(action ?? "changed").replaceAll("_", " ")}`;
}

/**
 * Makes the title of a comment. It names the file if the comment is on a file.
 *
 * @param {Payload} payload
 * @param {string} verb
 */
export function commentTitle({ comment: { path, html_url: url } }, verb) {
  return path ? html`${verb} on ${link(url, path)}` : link(url, verb);
}

/** @param {Payload} payload */
export function reviewTitle({ action, review }) {
  /** @type {Record<string, string>} */
  const states = { approved: "approved", changes_requested: "asked for changes" };
  const what = action === "submitted" ? (states[review.state] ?? "reviewed") : `${action ?? "changed"} a review`;
  return link(review.html_url, what);
}

/** @param {Payload} payload */
export function pushTitle(payload) {
  const { ref, created, deleted, forced, compare } = payload;
  const what = ref.startsWith("refs/tags/") ? "tag" : "branch";
  const number = payload.commits?.length ?? 0;
  if (deleted) return html`deleted the ${what}`;
  const count = number === 1 ? "1 commit" : `${number} commits`;
  if (created) return number > 0 ? html`created the ${what} with ${link(compare, count)}` : html`created the ${what}`;
  if (number > 0) return html`${forced ? "force-pushed" : "pushed"} ${link(compare, count)}`;
  // There are no new commits, so the title links to the commit to which the branch or tag now points.
  const verb = forced && what === "branch" ? "reset" : "moved";
  const head = headOf(payload);
  return head ? html`${verb} the ${what} to ${head}` : html`${verb} the ${what}`;
}

/** @param {Payload} payload */
function headOf({ head_commit: head, after, repository }) {
  const id = head?.id || after;
  return id && link(head?.url ?? `${repository.html_url}/commit/${id}`, id.slice(0, 7));
}

/** @param {Payload} item */
function numberOf({ html_url: url, number }) {
  return link(url, number ? `#${number}` : "elsewhere");
}

/**
 * Returns the name of the reviewer and a space, or the empty string if the name is missing.
 *
 * @param {Payload} payload
 */
function reviewer({ requested_reviewer: user, requested_team: team }) {
  const name = user?.login || team?.name;
  return name ? `${name} ` : "";
}

/** @param {Payload} changes */
function changed(changes) {
  return Object.keys(changes ?? {}).map((part, index) => `${index > 0 ? " and" : ""} the ${part.replaceAll("_", " ")}`);
}
