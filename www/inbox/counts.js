// How many threads the flow has, by status and source, and how often its tags are used. The inbox counts.

import { redraw } from "../page/redraw.js";
import { flowSignal, getOfFlow } from "./flow-request.js";

/**
 * @typedef Counts The answer of `GET …/threads/counts`.
 * @property {number} threads
 * @property {{ color: string | null, threads: number }[]} statuses
 * @property {{ id: number, threads: number }[]} sources
 * @property {{ tag: string, messages: number }[]} tags
 * @property {number} last_message_id
 */

/** While messages arrive, the counts are asked for at most this often. */
const INTERVAL_MS = 3_000;

/** The first of several messages in a row waits so long for the others. */
const PATIENCE_MS = 300;

/** @type {Counts | undefined} */
let counts;
/** @type {number | undefined} */
let timer;
let due = 0;

/** The counts of the flow, if the inbox has told them. */
export const flowCounts = () => counts;

export function forgetCounts() {
  counts = undefined;
}

/** Asks for the counts. A server that does not count them leaves them empty. */
export async function loadCounts() {
  const signal = flowSignal();
  const found = await getOfFlow("/threads/counts").catch(() => undefined);
  if (!signal.aborted) counts = found ?? counts;
}

/** Asks for the counts soon, because something has changed. */
export function countAgain() {
  if (timer !== undefined) return;
  const wait = Math.max(PATIENCE_MS, due - Date.now());
  timer = setTimeout(async () => {
    timer = undefined;
    due = Date.now() + INTERVAL_MS;
    await loadCounts();
    redraw();
  }, wait);
}
