// The flow that is open: reads what it has, and takes what arrives. No message is lost between the two.

import { connection } from "../connection/connection.js";
import { onAddressChange, place } from "../page/address.js";
import { flowPath, reasonOf } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { countAgain, flowCounts, forgetCounts, loadCounts } from "./counts.js";
import { endRequests, flowSignal, getOfFlow, threadPath } from "./flow-request.js";
import { showArrival } from "./news.js";
import { appendMessage, closeThread } from "./open-thread.js";
import {
  beginList,
  isOtherFilter,
  listFlowItself,
  loadMore,
  loadPage,
  loadUnread,
  noteChange,
  PAGE,
  putInOrder,
  shownList,
  showProblem,
  takeFromList,
} from "./thread-list.js";
import { forgetThread, forgetThreads, newestMessageId, takeMessage, takeThread, threadById } from "./threads.js";
import { beginAt, countArrival, markRead, openMarks } from "./unread.js";

/** @import { InboxMessage } from "./message.js" */

/** How many messages one request asks for after an outage. */
const MISSED_PAGE = 100;

/** After an outage with more messages than these, the page begins again instead of reading each of them. */
const MAX_MISSED = 1_000;

/** The wait before the next attempt to catch up. */
const RETRY_MS = 5_000;

let isLoaded = false;
/** The newest message that this page has taken. */
let lastId = 0;

/** The flow that is being read, while it is. @type {AbortSignal | undefined} */
let catchingUp;
/** Whether somebody has asked for another round meanwhile. */
let isAskedAgain = false;
/** Whether the last attempt has failed, so that another one is needed. */
let hasFailed = false;
/** What has arrived meanwhile. It is newer than what is being read, so it waits. @type {InboxMessage[]} */
let held = [];

/** Whether the page has seen the flow's threads. */
export const isFlowLoaded = () => isLoaded;

/** The id of the newest message that this page has taken. */
export const lastMessageId = () => lastId;

onAddressChange(() => {
  if (!isLoaded || !isOtherFilter()) return;
  beginList();
  loadMore();
});

// Who comes back to the tab reads what has arrived in the open thread.
document.addEventListener("visibilitychange", () => {
  const thread = threadById(place().thread);
  if (!document.hidden && thread) markRead(thread);
});

/** Forgets everything: another flow is opened. */
export function openFlow() {
  endRequests();
  forgetThreads();
  forgetCounts();
  closeThread();
  lastId = 0;
  isLoaded = false;
  hasFailed = false;
  openMarks(`${connection().baseUrl}${flowPath(connection())}`);
  beginList();
}

/** Reads what this page has not seen, which is everything at first. It is called at the start, and each time that the stream was opened. */
export async function catchUp() {
  const signal = flowSignal();
  if (catchingUp === signal && !hasFailed) {
    isAskedAgain = true;
    return;
  }
  if (catchingUp !== signal) held = [];
  catchingUp = signal;
  hasFailed = false;
  showProblem("");
  try {
    do {
      isAskedAgain = false;
      await (isLoaded ? readMissed(signal) : readFlow(signal));
    } while (isAskedAgain && !signal.aborted);
  } catch (error) {
    if (signal.aborted) return;
    // What arrives now goes on waiting. Taken before what was missed, it would hide that for good.
    hasFailed = true;
    showProblem(reasonOf(error));
    setTimeout(() => hasFailed && catchingUp === flowSignal() && catchUp(), RETRY_MS);
    return;
  }
  if (signal.aborted) return;
  catchingUp = undefined;
  for (const message of held) receive(message);
  redraw();
}

/** Tries again what did not succeed: to catch up, or to load more of the list. */
export const tryAgain = () => (hasFailed ? catchUp() : loadMore());

/** @param {AbortSignal} signal */
async function readFlow(signal) {
  beginList();
  const list = shownList();
  list.isLoading = true;
  // Asked for before the lists: what arrives later has a higher id, and is read as missed.
  await loadCounts();
  const [newest] = await Promise.all([
    getOfFlow("/messages", { event: "message", limit: String(PAGE) }),
    loadPage(list),
  ]);
  if (signal.aborted) return;
  for (const message of newest) if (!message.thread_id) takeMessage(message);
  listFlowItself();
  list.isLoading = false;
  lastId = flowCounts()?.last_message_id ?? Math.max(0, ...list.ids.map(newestMessageId));
  // Another round reads what has arrived since then.
  isAskedAgain = true;
  isLoaded = true;
  beginAt(lastId);
  putInOrder();
  if (isOtherFilter()) {
    // The address has changed meanwhile.
    beginList();
    loadMore();
  } else loadUnread();
}

/** @param {AbortSignal} signal */
async function readMissed(signal) {
  let count = 0;
  while (count < MAX_MISSED) {
    const query = { since_id: String(lastId), limit: String(MISSED_PAGE), sort: "asc" };
    /** @type {InboxMessage[]} */
    const missed = await getOfFlow("/messages", query);
    if (signal.aborted) return;
    for (const message of missed.sort((a, b) => a.id - b.id)) take(message);
    if (missed.length < MISSED_PAGE) return;
    count += missed.length;
  }
  // Too much to read one by one.
  forgetThreads();
  closeThread();
  isLoaded = false;
  await readFlow(signal);
}

/**
 * Takes a message that has just arrived.
 *
 * @param {InboxMessage} message
 */
export function receive(message) {
  if (catchingUp === flowSignal()) held.push(message);
  else if (isLoaded) take(message);
}

/** @param {InboxMessage} message */
function take(message) {
  if (message.id <= lastId) return;
  lastId = message.id;
  const id = takeMessage(message);
  appendMessage(id, message);
  const thread = threadById(id);
  if (!thread) return;
  if (place().thread === id && !document.hidden) markRead(thread);
  else countArrival(id);
  noteChange(id);
  showArrival(thread, message);
  countAgain();
}

/** Asks the inbox for a thread that the address names and no list has. @param {string} id */
export async function loadThread(id) {
  takeThread(await getOfFlow(threadPath(id), { include: "last_message" }));
  redraw();
}

/** Forgets a thread that was removed. @param {string} id */
export function removeThread(id) {
  forgetThread(id);
  takeFromList(id);
  countAgain();
}
