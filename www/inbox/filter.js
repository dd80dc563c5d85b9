// The filter of the list of threads, as the address has it.

import { sources } from "../integrations/sources.js";
import { isUnread } from "./unread.js";

/** @import { InboxThread } from "./thread-state.js" */

/** @typedef {{ unread?: string, status?: string, source?: string, tag?: string, search?: string }} Filter */

const KEYS = /** @type {const} */ (["unread", "status", "source", "tag", "search"]);

/**
 * Reads the filter from the query of the address.
 *
 * @param {Record<string, string>} query
 * @returns {Filter}
 */
export const filterOf = (query) => Object.fromEntries(KEYS.flatMap((key) => (query[key] ? [[key, query[key]]] : [])));

/**
 * Whether a filter lets every thread through.
 *
 * @param {Filter} filter
 */
export const isUnfiltered = (filter) => Object.keys(filter).length === 0;

/** The changes of the query that remove the whole filter. */
export const NO_FILTER = Object.fromEntries(KEYS.map((key) => [key, ""]));

/**
 * The parameters with which the inbox filters. It does not know what was read.
 *
 * @param {Filter} filter
 * @returns {Record<string, string>}
 */
export function queryOf({ unread: _, ...filter }) {
  return /** @type {Record<string, string>} */ (filter);
}

/**
 * Whether a thread that has just changed belongs in the list. What only the inbox can decide counts as no.
 *
 * @param {Filter} filter
 * @param {InboxThread} thread
 */
export function matches({ unread, status, source, tag, search }, thread) {
  if (search !== undefined) return false;
  if (unread !== undefined && !isUnread(thread)) return false;
  if (status !== undefined && (thread.status?.color ?? "none") !== status) return false;
  // A thread names its application and not its source. An application seldom has two sources in a flow.
  const application = sources().find(({ id }) => String(id) === source)?.application.id;
  if (source !== undefined && thread.source?.id !== application) return false;
  const tags = thread.last_message?.tags;
  return tag === undefined || (Array.isArray(tags) && tags.includes(tag));
}
