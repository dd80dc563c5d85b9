// What happened, in the few words of an activity's title.

import { html } from "flowdock-integration";
import { link } from "../../support/text.js";

/** @import { SafeHtml } from "flowdock-integration" */
/** @import { Payload } from "./threads.js" */

/**
 * The actions of issues, pull requests and releases that need more than their own name. What they name may be missing.
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
 * The names of other actions read well as they are: `ready_for_review`, `reopened`, and those that GitHub will think of.
 *
 * @param {Payload} payload
 */
export function title(payload) {
  const { action } = payload;
  return Object.hasOwn(titles, action) ? titles[action](payload) : html`${(action ?? "changed").replaceAll("_", " ")}`;
}

/**
 * A comment is said to be on the file, where it is on one.
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
  // Nothing came, so it leads to a commit that was there before.
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
 * Whose review it is about, with the space behind it.
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
