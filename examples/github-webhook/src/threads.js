// Makes threads from GitHub's items. All messages about an item have the same external thread id.

import { html } from "flowdock-integration";
import { fields, lines, link, webUrl } from "../../support/text.js";

/** @import { HtmlParts, StatusColor, ThreadParts } from "flowdock-integration" */

/** @typedef {any} Payload JSON of GitHub, or a part of it: anything in it may be null or missing. */
/** @typedef {[string, StatusColor]} Status */
/** @typedef {{ external_thread_id: string, thread: ThreadParts }} Item The keys of a message that describe its thread. */

/**
 * Makes the thread of an issue, or of a pull request, which GitHub sends as an issue in `issue_comment`.
 *
 * @param {Payload} payload
 * @param {string} [action] The action of an event about the issue itself.
 */
export function issueThread({ repository, issue }, action) {
  const pull = issue.pull_request;
  if (pull) return pullRequestThread({ repository, pull_request: { ...issue, merged_at: pull.merged_at } });
  if (action === "deleted") return numbered(repository, "issues", gone(issue), ["deleted", "black"]);
  if (action === "transferred") return numbered(repository, "issues", gone(issue), ["transferred", "grey"]);
  if (isOpen(issue)) return numbered(repository, "issues", issue, ["open", "green"]);
  const isPlanned = issue.state_reason !== "not_planned";
  return numbered(repository, "issues", issue, isPlanned ? ["closed", "red"] : ["not planned", "grey"]);
}

/**
 * Makes the thread of a pull request. It uses only values that GitHub also sends with a comment, because otherwise a comment would remove the
 * other values from the thread.
 *
 * @param {Payload} payload
 */
export function pullRequestThread({ repository, pull_request: pull }) {
  return numbered(repository, "pull", pull, pullStatus(pull));
}

/**
 * @param {Payload} pull
 * @returns {Status}
 */
function pullStatus(pull) {
  if (pull.merged_at) return ["merged", "purple"];
  if (!isOpen(pull)) return ["closed", "red"];
  return pull.draft ? ["draft", "grey"] : ["open", "green"];
}

/**
 * Whether an item is open. The event of a pinned issue has no state, so then the time of closing decides.
 *
 * @param {Payload} item
 */
function isOpen({ state, closed_at: closed }) {
  return state ? state === "open" : !closed;
}

/**
 * Removes the text of an item that was deleted, so that it is not shown again.
 *
 * @param {Payload} item
 */
function gone(item) {
  return { ...item, body: "" };
}

/**
 * @param {Payload} repository
 * @param {string} kind
 * @param {Payload} item
 * @param {Status} status
 */
function numbered(repository, kind, item, status) {
  return thread(repository, `${kind}:${item.number}`, {
    title: numberedTitle(item),
    body: lines(item.body),
    status,
    url: item.html_url,
    fields: {
      Author: item.user?.login,
      Labels: listed(item.labels, "name"),
      Assignees: listed(item.assignees, "login"),
      Milestone: item.milestone?.title,
    },
  });
}

/** @param {Payload} item */
function numberedTitle({ number, title }) {
  return title ? html`#${number} ${title}` : html`#${number}`;
}

/**
 * Joins the names of a list. It may contain null for a deleted account.
 *
 * @param {Payload[] | null | undefined} items
 * @param {string} key
 */
function listed(items, key) {
  const names = items?.map((item) => item?.[key]).filter(Boolean);
  return names?.join(", ");
}

/** @param {Payload} payload */
export function commitThread({ repository, comment: { commit_id: id } }) {
  const url = `${repository.html_url}/commit/${id}`;
  return thread(repository, `commit:${id}`, { title: html`Commit ${id.slice(0, 7)}`, url });
}

/**
 * Makes the thread of a branch or a tag.
 *
 * @param {Payload} payload
 */
export function refThread({ repository, ref, deleted, head_commit: head }) {
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/s.exec(ref) ?? ["", "", ref];
  const path = name.split("/").map(encodeURIComponent).join("/");
  return thread(repository, ref, {
    title: html`${kind === "tags" ? "Tag" : "Branch"} ${name}`,
    status: deleted ? ["deleted", "black"] : undefined,
    url: deleted ? repository.html_url : `${repository.html_url}/tree/${path}`,
    fields: { Head: head?.id && link(head.url, head.id.slice(0, 7)) },
  });
}

/** @param {Payload} payload */
export function releaseThread({ repository, release, action }) {
  const isGone = action === "deleted";
  return thread(repository, `releases:${release.id}`, {
    title: html`Release ${release.name || release.tag_name || release.id}`,
    body: lines(isGone ? "" : release.body),
    status: isGone ? ["deleted", "black"] : releaseStatus(release),
    url: release.html_url,
    fields: {
      Tag: release.tag_name,
      Author: release.author?.login,
      Assets: release.assets?.length || undefined,
    },
  });
}

/**
 * @param {Payload} release
 * @returns {Status}
 */
function releaseStatus({ draft, prerelease }) {
  if (draft) return ["draft", "grey"];
  return prerelease ? ["prerelease", "orange"] : ["published", "green"];
}

/**
 * @param {Payload} repository
 * @param {string} id
 * @param {{ title: HtmlParts, body?: HtmlParts, status?: Status, url: unknown, fields?: Record<string, unknown> }} parts
 * @returns {Item}
 */
function thread(repository, id, { title, body, status, url: own, fields: more }) {
  const url = webUrl(own) ?? webUrl(repository.html_url);
  return {
    external_thread_id: `github:${repository.full_name}:${id}`,
    thread: {
      title,
      body,
      status,
      // A ViewAction with the same address would be the same link once more.
      external_url: url,
      fields: fields({ Repository: link(repository.html_url, repository.full_name), ...more }),
    },
  };
}
