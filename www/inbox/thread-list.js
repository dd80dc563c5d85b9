// The list on the screen: which threads it has, and in which order. It moves only when that disturbs nobody.

import { place } from "../page/address.js";
import { reasonOf } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { filterOf, isUnfiltered, matches, queryOf } from "./filter.js";
import { flowSignal, getOfFlow } from "./flow-request.js";
import { NO_THREAD, newestMessageId, takeThread, threadById } from "./threads.js";
import { isUnread, readUpTo } from "./unread.js";

/** @import { Filter } from "./filter.js" */
/** @import { InboxThread } from "./thread-state.js" */

/**
 * @typedef ThreadList
 * @property {Filter} filter
 * @property {string[]} ids The ids of its threads, in their order.
 * @property {number} oldest The newest message of the last thread that the inbox has sent for this list.
 * @property {boolean} isComplete
 * @property {boolean} isLoading
 * @property {string} problem
 */

/** How many threads one request asks for. */
export const PAGE = 50;

/** At most so many pages are loaded in search of unread threads. */
const MAX_UNREAD_PAGES = 20;

let list = emptyList({});

/** The threads that have changed, and are not at their new place in the list. @type {Set<string>} */
const pending = new Set();

let mayMove = () => true;
let isOrderAsked = false;

/**
 * @param {Filter} filter
 * @returns {ThreadList}
 */
function emptyList(filter) {
  return { filter, ids: [], oldest: 0, isComplete: false, isLoading: false, problem: "" };
}

/** The list as it is on the screen. */
export const shownList = () => list;

/** How many threads have changed or come and are not at their new place. */
export const pendingCount = () => pending.size;

/** Begins the list anew, with the filter of the address. */
export function beginList() {
  list = emptyList(filterOf(place().query));
  pending.clear();
  redraw();
}

/** Whether the address has another filter than the list. */
export const isOtherFilter = () => JSON.stringify(filterOf(place().query)) !== JSON.stringify(list.filter);

/** @param {string} problem */
export function showProblem(problem) {
  Object.assign(list, { problem, isLoading: false });
  redraw();
}

/**
 * Sets the question whether the list may move now.
 *
 * @param {() => boolean} ask
 */
export function moveListOnlyIf(ask) {
  mayMove = ask;
}

/**
 * Notes that a thread has changed. The list is put in order before the next frame, if it may move.
 *
 * @param {string} id
 */
export function noteChange(id) {
  const thread = threadById(id);
  if (list.ids[0] !== id && thread && (list.ids.includes(id) || belongs(thread))) pending.add(id);
  redraw();
  if (isOrderAsked) return;
  isOrderAsked = true;
  requestAnimationFrame(() => {
    isOrderAsked = false;
    if (mayMove()) putInOrder();
  });
}

/** Puts the list in order: what has changed last comes first. */
export function putInOrder() {
  for (const id of pending) if (!list.ids.includes(id)) list.ids.push(id);
  pending.clear();
  list.ids = list.ids.filter((id) => hasStatus(threadById(id)));
  list.ids.sort((a, b) => newestMessageId(b) - newestMessageId(a));
  redraw();
}

/** Whether a thread of the list still has the status by which the list is filtered. The open thread stays. @param {InboxThread} [thread] */
function hasStatus(thread) {
  const { status } = list.filter;
  if (!thread || status === undefined || thread.id === place().thread) return thread !== undefined;
  return matches({ status }, thread);
}

/** Takes the messages without a thread into the list. */
export function listFlowItself() {
  const thread = threadById(NO_THREAD);
  if (thread && belongs(thread) && !list.ids.includes(NO_THREAD)) list.ids.push(NO_THREAD);
}

/** @param {InboxThread} thread */
function belongs(thread) {
  if (thread.id !== NO_THREAD) return matches(list.filter, thread);
  const { unread, ...others } = list.filter;
  return isUnfiltered(others) && (unread === undefined || isUnread(thread));
}

/** @param {string} id */
export function takeFromList(id) {
  pending.delete(id);
  list.ids = list.ids.filter((other) => other !== id);
  redraw();
}

/** Loads the next threads of the list, which are older. */
export async function loadMore() {
  const loaded = list;
  if (loaded.isLoading || loaded.isComplete) return;
  Object.assign(loaded, { isLoading: true, problem: "" });
  redraw();
  try {
    await loadPage(loaded);
  } catch (error) {
    loaded.problem = reasonOf(error);
  }
  loaded.isLoading = false;
  redraw();
}

/**
 * Loads a page of a list, which may have been left meanwhile.
 *
 * @param {ThreadList} loaded
 */
export async function loadPage(loaded) {
  const signal = flowSignal();
  /** @type {Record<string, string>} */
  const query = { ...queryOf(loaded.filter), limit: String(PAGE), include: "last_message" };
  if (loaded.oldest > 0) query.until_id = String(loaded.oldest);
  /** @type {InboxThread[]} */
  const page = await getOfFlow("/threads", query);
  if (signal.aborted) return;
  const known = new Set(loaded.ids);
  const isUnreadOnly = loaded.filter.unread !== undefined;
  for (const thread of page) {
    takeThread(thread);
    loaded.oldest = Math.max(thread.last_message_id ?? 0, thread.last_message?.id ?? 0);
    // Only this browser knows what was read.
    if (!known.has(thread.id) && (!isUnreadOnly || isUnread(thread))) loaded.ids.push(thread.id);
  }
  if (loaded === list) listFlowItself();
  loaded.isComplete = page.length < PAGE || (isUnreadOnly && loaded.oldest <= readUpTo());
}

/** Loads on until the threads are older than what was read, so that *Unread* is complete. */
export async function loadUnread() {
  const loaded = list;
  for (let page = 0; page < MAX_UNREAD_PAGES; page += 1) {
    const isDone = loaded.isComplete || loaded.problem !== "" || loaded.oldest <= readUpTo();
    if (isDone || loaded !== list || !isUnfiltered(loaded.filter)) return;
    await loadMore();
  }
}
