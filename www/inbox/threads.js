// All threads of the flow that this page has heard of, each in its newest state.

import { milliseconds } from "../page/time.js";
import { isUnread } from "./unread.js";

/** @import { InboxMessage } from "./message.js" */
/** @import { InboxThread } from "./thread-state.js" */

/** The id under which the page lists the messages that are in no thread. */
export const NO_THREAD = "flow";

/** @type {Map<string, InboxThread>} */
const threads = new Map();

/** @param {string} id */
export const threadById = (id) => threads.get(id);

/** How many threads are unread, of those that the page knows. */
export const unreadCount = () => [...threads.values()].filter(isUnread).length;

/**
 * The id of the newest message of a thread. It says where the thread stands in the list.
 *
 * @param {string} id
 */
export function newestMessageId(id) {
  const thread = threads.get(id);
  return Math.max(thread?.last_message_id ?? 0, thread?.last_message?.id ?? 0);
}

export const forgetThreads = () => threads.clear();

/** @param {string} id */
export const forgetThread = (id) => threads.delete(id);

/**
 * Takes a thread that the inbox has sent in a list. The stream may have told of a newer state while the list was on its way.
 *
 * @param {InboxThread} thread
 */
export function takeThread(thread) {
  const known = threads.get(thread.id);
  if (known && milliseconds(known.updated_at) > milliseconds(thread.updated_at)) return;
  threads.set(thread.id, thread);
}

/**
 * Takes a message, with the state of its thread at that time. Returns the id of its thread.
 *
 * @param {InboxMessage} message
 */
export function takeMessage(message) {
  const id = message.thread_id || NO_THREAD;
  const known = threads.get(id);
  const isNewer = message.id > newestMessageId(id);
  const last = isNewer ? message : known?.last_message;
  if (id === NO_THREAD) {
    const time = message.created_at ?? message.sent;
    if (isNewer) threads.set(id, { id, title: "The flow itself", updated_at: time, last_message: last });
    return id;
  }
  // An older state must not replace a newer one.
  const isNewState = message.thread && milliseconds(message.thread.updated_at) >= milliseconds(known?.updated_at);
  const state = isNewState ? { ...message.thread, id } : known;
  if (state) threads.set(id, { ...state, last_message: last });
  return id;
}
