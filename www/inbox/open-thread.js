// The messages of the thread that is open, or of the flow itself: the newest, and earlier ones when somebody asks for them.

import { connection } from "../connection/connection.js";
import { flowPath, reasonOf, request } from "../page/api.js";
import { redraw } from "../page/redraw.js";

import { threadPath } from "./flow-request.js";

/** @import { InboxMessage } from "./message.js" */

/** How many messages one request asks for. */
const PAGE = 60;

/** How many pages are asked for at most before a message is found that belongs here. */
const MAX_PAGES = 10;

/**
 * @typedef OpenThread
 * @property {string} id
 * @property {InboxMessage[]} messages The oldest first.
 * @property {number} oldest The lowest id that was loaded, also of a message that is not shown.
 * @property {boolean} hasAll Whether the first message of the thread is among them.
 * @property {boolean} isLoading
 * @property {string} problem
 */

/** @type {OpenThread | undefined} */
let open;
let loading = new AbortController();

/**
 * The open thread with what is known of it. Another id than before loads its messages.
 *
 * @param {string} id
 * @param {{ isInThread: boolean }} options `isInThread` is false for the messages of the flow that are in no thread.
 */
export function openThread(id, { isInThread }) {
  if (open?.id !== id) {
    loading.abort();
    loading = new AbortController();
    open = { id, messages: [], oldest: 0, hasAll: false, isLoading: false, problem: "" };
    loadEarlier({ isInThread });
  }
  return open;
}

/** Forgets the open thread, so that it is loaded again when it is opened again. */
export function closeThread() {
  loading.abort();
  open = undefined;
}

/**
 * Adds a message that has just arrived, if its thread is open.
 *
 * @param {string} id
 * @param {InboxMessage} message
 */
export function appendMessage(id, message) {
  if (open?.id !== id || open.messages.some((known) => known.id === message.id)) return;
  open.messages = [...open.messages, message].sort((a, b) => a.id - b.id);
  redraw();
}

/**
 * Loads the messages before the first one that is known.
 *
 * @param {{ isInThread: boolean }} options
 */
export async function loadEarlier({ isInThread }) {
  const thread = open;
  if (!thread || thread.isLoading || thread.hasAll) return;
  Object.assign(thread, { isLoading: true, problem: "" });
  redraw();
  const { signal } = loading;
  try {
    const path = isInThread ? `${threadPath(thread.id)}/messages` : "/messages";
    // Of the messages in no thread the inbox has no list: they are among all chat messages, so several pages may have none.
    for (let pages = 0, added = 0; added === 0 && !thread.hasAll && pages < MAX_PAGES; pages += 1) {
      /** @type {Record<string, string>} */
      const query = { limit: String(PAGE) };
      if (thread.oldest > 0) query.until_id = String(thread.oldest);
      if (!isInThread) query.event = "message";
      /** @type {InboxMessage[]} */
      const page = await request(connection(), "GET", `${flowPath(connection())}${path}`, { query, signal });
      const known = new Set(thread.messages.map((message) => message.id));
      const earlier = page.filter((message) => !known.has(message.id) && (isInThread || !message.thread_id));
      thread.messages = [...earlier, ...thread.messages].sort((a, b) => a.id - b.id);
      thread.oldest = Math.min(...page.map((message) => message.id), thread.oldest || Number.POSITIVE_INFINITY);
      thread.hasAll = page.length < PAGE;
      added = earlier.length;
    }
  } catch (error) {
    if (!signal.aborted) thread.problem = reasonOf(error);
  }
  thread.isLoading = false;
  redraw();
}
