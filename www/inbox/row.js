// One thread in the list: what it is, how it stands, and what was said last.

import { hrefOf } from "../page/address.js";
import { html, nothing, styles } from "../page/render.js";
import { ago } from "../page/time.js";
import { initial, tint } from "../page/tint.js";
import { authorName } from "./message.js";
import { applicationName, plainTitle, statusPill } from "./thread-state.js";
import { arrivedIn, isUnread } from "./unread.js";

/** @import { InboxMessage } from "./message.js" */
/** @import { InboxThread } from "./thread-state.js" */

/**
 * @param {InboxThread} thread
 * @param {{ index: number, of: number, isOpen: boolean, isReachable: boolean }} place `of`: the number of rows, or -1 if nobody knows it.
 */
export function rowView(thread, { index, of, isOpen, isReachable }) {
  const unread = isUnread(thread);
  const arrived = arrivedIn(thread.id);
  const last = thread.last_message;
  const from = applicationName(thread) || "Flow";
  return html`<li ${styles({ "--index": String(index) })} aria-setsize=${of} aria-posinset=${index + 1}>
    <a class="thread-row" href=${hrefOf({ view: "inbox", thread: thread.id })} data-thread-id=${thread.id} data-color=${thread.status?.color ?? nothing}
      ?data-unread=${unread} aria-current=${isOpen ? "true" : nothing} tabindex=${isReachable ? 0 : -1}>
      <span class="mark" aria-hidden="true" title=${from} ${styles(tint(from))}>${initial(from)}</span>
      <span class="first">${statusPill(thread.status)}<strong dir="auto">${titleOf(thread)}</strong></span>
      <span class="second">
        <span class="words" dir="auto">${last ? html`<b>${authorName(last)}</b> ${wordsOf(last)}` : from}</span>
        ${unread ? html`<span class="count" ?data-dot=${arrived === 0}><span class="hidden-text">unread </span>${arrived || ""}</span>` : nothing}
        ${ago(thread.updated_at)}
      </span>
    </a>
  </li>`;
}

/** The text of a thread's title, which is read from HTML once for each state. @type {WeakMap<InboxThread, string>} */
const titles = new WeakMap();
/** @type {WeakMap<InboxMessage, string>} */
const words = new WeakMap();

/** @param {InboxThread} thread */
export function titleOf(thread) {
  const title = titles.get(thread) ?? (plainTitle(thread.title) || "Untitled");
  titles.set(thread, title);
  return title;
}

/** @param {InboxMessage} message */
function wordsOf(message) {
  const known = words.get(message);
  if (known !== undefined) return known;
  const text = message.event === "message" ? String(message.content ?? "") : plainTitle(message.title) || "commented";
  words.set(message, text);
  return text;
}
