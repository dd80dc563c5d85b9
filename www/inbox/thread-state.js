// Shows the state of a thread: status, title, link, actions, fields and body.

import { bodyNodes, titleNodes } from "../page/message-html.js";
import { html, nothing, outwards } from "../page/render.js";
import { webUrl } from "../page/text.js";
import { actionView } from "./actions.js";

/** @import { InboxMessage } from "./message.js" */
/** @import { View } from "../page/render.js" */

/**
 * A thread as the inbox stores it.
 *
 * @typedef InboxThread
 * @property {string} id
 * @property {unknown} [title]
 * @property {unknown} [body]
 * @property {unknown} [external_url]
 * @property {{ value?: unknown, color?: string | null } | null} [status]
 * @property {unknown} [fields]
 * @property {unknown} [actions]
 * @property {string | number} [updated_at]
 * @property {number} [activities]
 * @property {number} [external_comments]
 * @property {number} [internal_comments]
 * @property {{ id?: number, name?: string, application?: string | { name?: string } } | null} [source] `id` is that of the application.
 * @property {InboxMessage | null} [last_message]
 * @property {number} [last_message_id] The id of the newest message, also if that was removed.
 */

/** The height of a folded body, in lines. */
const FOLDED_LINES = 12;

/**
 * Shows the state of a thread.
 *
 * @param {Partial<InboxThread>} thread
 * @param {{ meta?: View }} [options] `meta` stands above the title, behind the status.
 */
export function threadStateView(thread, { meta = nothing } = {}) {
  return html`<header class="thread-state">
    <div class="meta">${statusPill(thread.status)}${meta}</div>
    <h2 dir="auto">${titleNodes(thread.title)}</h2>
    ${linksView(thread)} ${fieldsView(thread.fields)} ${bodyView(thread.body)}
  </header>`;
}

/**
 * Shows a status in its colour.
 *
 * @param {InboxThread["status"]} status
 */
export function statusPill(status) {
  if (!status) return nothing;
  return html`<span class="pill" data-color=${status.color ?? "none"} dir="auto">${String(status.value ?? "")}</span>`;
}

/**
 * The name of the application that began a thread. Servers write it either as a name or as an object.
 *
 * @param {Partial<InboxThread>} thread
 */
export function applicationName({ source }) {
  const application = source?.application;
  return (typeof application === "object" ? application?.name : application) ?? source?.name ?? "";
}

/**
 * The text of a title without its tags.
 *
 * @param {unknown} title
 */
export function plainTitle(title) {
  const paragraph = document.createElement("p");
  paragraph.append(...titleNodes(title));
  return paragraph.textContent ?? "";
}

/** @param {Partial<InboxThread>} thread */
function linksView({ id, external_url: external, actions }) {
  const href = webUrl(external);
  /** @type {{ "@type"?: unknown, name?: unknown, url?: unknown, description?: string }[]} */
  const all = Array.isArray(actions) ? actions : [];
  // A ViewAction to the thread's own address would be the same link twice.
  const others = all.filter((action) => action?.["@type"] !== "ViewAction" || webUrl(action.url) !== href);
  const same = all.find((action) => action?.["@type"] === "ViewAction" && webUrl(action.url) === href);
  const name = same?.name ? String(same.name) : `Open in ${href ? new URL(href).host : ""}`;
  if (!href && others.length === 0) return nothing;
  return html`<div class="actions">
    ${href ? html`<span class="action">${outwards(href, html`<span dir="auto">${name}</span> ↗`)}</span>` : nothing}
    ${others.map((action) => actionView(action, id))}
  </div>`;
}

/** @param {unknown} fields */
function fieldsView(fields) {
  /** @type {{ label?: unknown, value?: unknown }[]} */
  const all = Array.isArray(fields) ? fields : [];
  if (all.length === 0) return nothing;
  return html`<dl class="fields">
    ${all.map(
      (field) =>
        html`<div><dt dir="auto">${titleNodes(field?.label)}</dt><dd dir="auto">${titleNodes(field?.value)}</dd></div>`,
    )}
  </dl>`;
}

/** @param {unknown} body */
function bodyView(body) {
  if (!body) return nothing;
  const isLong =
    typeof body === "string" && (body.length > 1_500 || body.split(/<br|<p|<li|<tr|\n/).length > FOLDED_LINES);
  const content = html`<div class="html" dir="auto">${bodyNodes(body)}</div>`;
  if (!isLong) return content;
  return html`<details class="folded"><summary><span class="more">Show all</span><span class="less">Show less</span></summary>${content}</details>`;
}
