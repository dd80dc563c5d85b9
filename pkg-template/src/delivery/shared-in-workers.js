// Sharing a client or an OAuth object between the incoming requests of a Cloudflare Worker.
//
// Workers keeps incoming requests apart. It ends a request that waits for nothing but a promise that another request settles ("your Worker's
// code had hung"). And the code of a request that is cancelled just stops, without a `finally`. So a post that waits for
// another one polls with timers of its own request, and what a cancelled request held is released by the others.
//
// `WORKERD` is true only in the entries for Workers; all others leave this file out.

import { FlowdockError } from "../error.js";
import { now } from "./clock.js";

/** The time before the first poll, in milliseconds. It doubles with each poll, up to the longest. */
const FIRST_POLL_MS = 2;
const LONGEST_POLL_MS = 64;
/** A post that has not polled for this time, in milliseconds, belongs to a request that was cancelled. */
const CANCELLED_AFTER_MS = 5_000;

/**
 * A post as the other posts of its client see it.
 *
 * @typedef {object} Member
 * @property {object} group Identifies the calls to which the post belongs. All its posts belong to one incoming request.
 * @property {number} polledAt When it last polled. It may be a time to come: until then it need not poll.
 * @property {() => void} evict Releases its lanes and its slot.
 * @property {boolean} isEvicted Whether that happened. If the post goes on all the same, it begins to wait anew.
 */

/**
 * The group of the calls that are made in this turn of the event loop.
 *
 * @type {object | undefined}
 */
let groupNow;

/**
 * Returns the group of a call. Calls that are made one after another, without waiting, come from the same incoming request.
 */
export function groupOfTurn() {
  if (groupNow === undefined) {
    groupNow = {};
    queueMicrotask(() => {
      groupNow = undefined;
    });
  }
  return groupNow;
}

/**
 * The group whose post releases something right now, if any.
 *
 * @type {object | undefined}
 */
let releasing;

/**
 * Releases something that other posts may wait for. Posts of the same group continue at once, all others at their next poll.
 *
 * @param {object} group
 * @param {() => void} release
 */
export function releaseFor(group, release) {
  const before = releasing;
  releasing = group;
  release();
  releasing = before;
}

/**
 * Makes the function that ends a wait which another post ends. Any request may call it. The wait ends in its own request, at the next poll.
 *
 * @param {Member} member The post that waits.
 * @param {Iterable<Member>} members All open posts of the client.
 * @param {() => void} resolve
 */
export function polling(member, members, resolve) {
  let isOver = false;
  let ms = FIRST_POLL_MS;
  /** @type {any} */
  let timer;
  const poll = () => {
    const pauseMs = now() - member.polledAt;
    member.polledAt = now();
    if (isOver || member.isEvicted) return resolve();
    // If this timer itself ran late, the whole isolate was paused. Then no post could poll, so none is judged.
    if (pauseMs < CANCELLED_AFTER_MS / 2) {
      for (const other of members) if (now() - other.polledAt > CANCELLED_AFTER_MS) other.evict();
    }
    ms = Math.min(2 * ms, LONGEST_POLL_MS);
    timer = setTimeout(poll, ms);
  };
  timer = setTimeout(poll, ms);
  return () => {
    isOver = true;
    if (isFromOther(member)) return;
    clearTimeout(timer);
    resolve();
  };
}

/**
 * Makes the function that ends a wait which the post itself ends. A call from another request does nothing: the wait ends by itself.
 *
 * It does not poll. In a Durable Object a timer outside `blockConcurrencyWhile` would hold up every timer inside it.
 *
 * @param {Member} member
 * @param {() => void} resolve
 */
export function notFromOthers(member, resolve) {
  return () => {
    if (!isFromOther(member)) resolve();
  };
}

/** @param {Member} member */
function isFromOther(member) {
  return releasing !== undefined && releasing !== member.group;
}

/**
 * Lets several requests have the result of a promise that one of them made.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {number} timeoutMs How long the others wait at most. If the request that made the promise is cancelled, it never settles.
 * @param {() => void} onCancelled Called when one of the others has waited so long.
 * @returns {() => Promise<T>} For the other requests.
 */
export function sharedWith(promise, timeoutMs, onCancelled) {
  /** @type {(() => T) | undefined} */
  let outcome;
  promise.then(
    (value) => {
      outcome = () => value;
    },
    (error) => {
      outcome = () => {
        throw error;
      };
    },
  );
  return async () => {
    const begun = now();
    let ms = FIRST_POLL_MS;
    while (!outcome && now() - begun < timeoutMs) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      ms = Math.min(2 * ms, LONGEST_POLL_MS);
    }
    if (outcome) return outcome();
    onCancelled();
    const message = `no answer within ${timeoutMs} ms: the request that asked for it was cancelled`;
    throw new FlowdockError({ code: "timeout", message, retryable: true });
  };
}
