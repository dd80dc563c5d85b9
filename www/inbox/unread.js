// What the user of this browser has read: for each flow the last message that counts as read, and for each thread a later one.

import { redraw } from "../page/redraw.js";

/** @import { InboxThread } from "./thread-state.js" */

/** @typedef {{ all: number, threads: Record<string, number> }} Marks `all`: messages up to this id are read; `threads`: those of a thread up to this one. */

/** More marks than these are not kept: the oldest are dropped, and their threads count as read up to the oldest of the others. */
const MAX_MARKS = 2_000;

let key = "";
/** @type {Marks | undefined} */
let marks;
/** The messages that have arrived since this page was opened, by thread. @type {Map<string, number>} */
const arrived = new Map();

/**
 * Reads the marks of a flow.
 *
 * @param {string} flowUrl
 */
export function openMarks(flowUrl) {
  key = `flowdock-inbox read ${flowUrl}`;
  marks = undefined;
  arrived.clear();
  load();
}

// Another tab has marked something.
addEventListener("storage", (event) => {
  if (event.key !== key) return;
  load();
  arrived.clear();
  redraw();
});

/**
 * In a browser that sees the flow for the first time, everything that is there already counts as read.
 *
 * @param {number} lastId
 */
export function beginAt(lastId) {
  marks ??= { all: lastId, threads: {} };
  save();
}

/** The messages up to this id are read, in all threads. */
export const readUpTo = () => marks?.all ?? 0;

/**
 * Whether a thread has a message that was not read.
 *
 * @param {InboxThread} thread
 */
export const isUnread = ({ id, last_message: last }) => Boolean(last && last.id > readIn(id));

/**
 * How many messages of a thread have arrived since this page was opened and are unread.
 *
 * @param {string} threadId
 */
export const arrivedIn = (threadId) => arrived.get(threadId) ?? 0;

/** @param {string} threadId */
export function countArrival(threadId) {
  arrived.set(threadId, arrivedIn(threadId) + 1);
}

/**
 * Marks a thread as read.
 *
 * @param {InboxThread} thread
 */
export function markRead({ id, last_message: last }) {
  arrived.delete(id);
  if (!last || last.id <= readIn(id)) return;
  load();
  if (!marks) return;
  marks.threads[id] = last.id;
  save();
}

/**
 * Marks the last message of a thread as unread.
 *
 * @param {InboxThread} thread
 */
export function markUnread({ id, last_message: last }) {
  load();
  if (!marks || !last) return;
  marks.threads[id] = last.id - 1;
  save();
}

/**
 * Marks everything in the flow as read. Returns what undoes that.
 *
 * @param {number} lastId
 */
export function markAllRead(lastId) {
  const before = marks;
  arrived.clear();
  marks = { all: lastId, threads: {} };
  save();
  return () => {
    marks = before;
    save();
  };
}

/**
 * Up to which message a thread counts as read.
 *
 * @param {string} threadId
 */
export function readIn(threadId) {
  if (!marks) return Number.POSITIVE_INFINITY;
  // A mark of the thread wins, also if it is lower: the user has marked the thread as unread.
  return marks.threads[threadId] ?? marks.all;
}

function load() {
  try {
    const text = localStorage.getItem(key);
    if (text !== null) marks = JSON.parse(text);
    else if (key !== "") marks = undefined;
  } catch {
    // Without storage the marks last until the page is closed.
  }
}

function save() {
  if (!marks) return;
  const entries = Object.entries(marks.threads);
  if (entries.length > MAX_MARKS) {
    entries.sort(([, a], [, b]) => b - a);
    marks = {
      all: Math.max(marks.all, entries[MAX_MARKS][1]),
      threads: Object.fromEntries(entries.slice(0, MAX_MARKS)),
    };
  }
  try {
    localStorage.setItem(key, JSON.stringify(marks));
  } catch {
    // Without storage the marks last until the page is closed.
  }
  redraw();
}
