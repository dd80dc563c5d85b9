// Requests about the flow that is open. When another flow is opened, those that are under way end.

import { connection } from "../connection/connection.js";
import { flowPath, request } from "../page/api.js";

let opened = new AbortController();

/** Ends the requests about the flow that was open. */
export function endRequests() {
  opened.abort();
  opened = new AbortController();
}

/** The signal of the requests about the flow that is open now. */
export const flowSignal = () => opened.signal;

/**
 * Reads something of the flow.
 *
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export const getOfFlow = (path, query) =>
  request(connection(), "GET", `${flowPath(connection())}${path}`, { query, signal: opened.signal });

/**
 * The path of a thread, within its flow.
 *
 * @param {string} id
 */
export const threadPath = (id) => `/threads/${encodeURIComponent(id)}`;
