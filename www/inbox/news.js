// Tells of messages that arrive out of sight: in the title of the tab, and to screen readers, at most one sentence in some seconds.

import { redraw } from "../page/redraw.js";
import { html } from "../page/render.js";
import { count } from "../page/text.js";
import { plainTitle } from "./thread-state.js";

/** @import { InboxMessage } from "./message.js" */
/** @import { InboxThread } from "./thread-state.js" */

/** The time between two sentences. */
const QUIET_MS = 5_000;

let sentence = "";
let waiting = 0;
/** @type {{ thread: InboxThread, message: InboxMessage } | undefined} */
let last;
/** @type {number | undefined} */
let timer;

/**
 * Tells that a message has arrived.
 *
 * @param {InboxThread} thread
 * @param {InboxMessage} message
 */
export function showArrival(thread, message) {
  waiting += 1;
  last = { thread, message };
  if (timer === undefined) say();
}

function say() {
  timer = undefined;
  if (!last || waiting === 0) return;
  const { thread, message } = last;
  sentence = waiting === 1 ? `New ${message.event} in ${plainTitle(thread.title)}` : `${count(waiting, "new message")}`;
  waiting = 0;
  timer = setTimeout(say, QUIET_MS);
  redraw();
}

/** The region that a screen reader speaks. */
export const newsView = () => html`<p id="news" class="hidden-text" role="status">${sentence}</p>`;

/**
 * Names the tab.
 *
 * @param {string} flow
 * @param {number} unread The number of unread threads.
 * @param {string} thread The title of the open thread, or an empty text.
 */
export function nameTab(flow, unread, thread) {
  const name = thread === "" ? flow : `${thread} – ${flow}`;
  const title = unread > 0 ? `(${unread}) ${name}` : name;
  if (document.title !== title) document.title = title;
}
