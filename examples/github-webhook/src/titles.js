// What happened, in the few words of an activity's title.

import { html } from "flowdock-integration";

/** The actions of issues, pull requests and releases that need more than their own name. */
const titles = {
  assigned: ({ assignee }) => html`assigned ${assignee?.login}`,
  unassigned: ({ assignee }) => html`unassigned ${assignee?.login}`,
  labeled: ({ label }) => html`added the label ${label?.name}`,
  unlabeled: ({ label }) => html`removed the label ${label?.name}`,
  milestoned: ({ milestone }) => html`set the milestone ${milestone?.title}`,
  demilestoned: ({ milestone }) => html`removed the milestone ${milestone?.title}`,
  review_requested: (payload) => html`asked ${reviewer(payload)} for a review`,
  review_request_removed: (payload) => html`no longer asks ${reviewer(payload)} for a review`,
  synchronize: () => html`pushed to the branch`,
  edited: ({ changes }) => html`edited${changed(changes)}`,
  closed: ({ pull_request: pull }) => (pull?.merged_at ? html`merged` : html`closed`),
  transferred: ({ changes: { new_issue: issue } }) => html`transferred, now <a href="${issue.html_url}">#${issue.number}</a>`,
};

/** The names of other actions read well as they are: `ready_for_review`, `reopened`, and those that GitHub will think of. */
export function title(payload) {
  const { action } = payload;
  return Object.hasOwn(titles, action) ? titles[action](payload) : html`${action.replaceAll("_", " ")}`;
}

/** A comment is said to be on the file, where it is on one. */
export function commentTitle({ comment: { path, html_url: url } }, verb) {
  return path ? html`${verb} on <a href="${url}">${path}</a>` : html`<a href="${url}">${verb}</a>`;
}

export function reviewTitle({ action, review }) {
  const states = { approved: "approved", changes_requested: "asked for changes", commented: "reviewed" };
  const what = action === "submitted" ? (states[review.state] ?? review.state) : `${action} a review`;
  return html`<a href="${review.html_url}">${what}</a>`;
}

export function pushTitle({ ref, created, deleted, forced, commits, compare }) {
  const what = ref.startsWith("refs/tags/") ? "tag" : "branch";
  if (deleted) return html`deleted the ${what}`;
  const count = commits.length === 1 ? "1 commit" : `${commits.length} commits`;
  if (created && commits.length === 0) return html`created the ${what}`;
  if (created) return html`created the ${what} with <a href="${compare}">${count}</a>`;
  return html`${forced ? "force-pushed" : "pushed"} <a href="${compare}">${count}</a>`;
}

function reviewer({ requested_reviewer: user, requested_team: team }) {
  return user?.login ?? team?.name;
}

function changed(changes) {
  return Object.keys(changes ?? {}).map((part, index) => `${index > 0 ? " and" : ""} the ${part.replaceAll("_", " ")}`);
}
