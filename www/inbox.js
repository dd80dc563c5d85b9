// Follows a flow: what is there already, and then each message as it comes.

import { flowPath, RefusedError, reasonOf, request } from "./api.js";

/** @import { Connection } from "./connection.js" */
/** @import { InboxMessage } from "./messages.js" */
/** @import { InboxThread } from "./threads.js" */

/**
 * @typedef Listener
 * @property {(name: StreamState, reason?: string) => void} state
 * @property {(threads: InboxThread[], messages: InboxMessage[]) => void} snapshot When connected, also when connected again.
 * @property {(message: InboxMessage) => void} message For each one that comes later.
 */

/** @typedef {"connecting" | "live" | "reconnecting" | "off"} StreamState */

/** Between attempts to reach a server that does not answer. */
const RETRY_MS = 5_000;

/** The most that one request for messages brings. */
const MAX_MESSAGES = 100;

/**
 * Follows the flow of a connection.
 *
 * @param {Connection} connection
 * @param {Listener} on
 * @returns A function that ends it.
 */
export function follow(connection, on) {
  const ending = new AbortController();
  /** @type {EventSource | undefined} */
  let stream;
  /** @type {number | undefined} */
  let timer;

  if (connection.apiToken === "") on.state("off", "the API token is missing");
  else {
    on.state("connecting");
    connect();
  }

  return () => {
    ending.abort();
    stream?.close();
    clearTimeout(timer);
  };

  /**
   * Asks for the flow before its stream: an EventSource does not tell why it was refused, and the browser itself would
   * ask its user for a password.
   */
  async function connect() {
    try {
      await get("");
      listen();
    } catch (error) {
      fail(error);
    }
  }

  /** The stream is open before the snapshot is asked for, and what comes in between waits: nothing gets lost. */
  function listen() {
    /** @type {InboxMessage[] | undefined} */
    let waiting;
    const opened = new EventSource(streamAddress());
    stream = opened;
    opened.onopen = async () => {
      /** @type {InboxMessage[]} */
      const meanwhile = [];
      waiting = meanwhile;
      try {
        const [threads, messages] = await Promise.all([
          get("/threads"),
          get("/messages", { limit: String(MAX_MESSAGES) }),
        ]);
        // It was opened again in between, and that snapshot is the newer one.
        if (waiting !== meanwhile) return;
        on.snapshot(threads, messages);
        meanwhile.forEach(on.message);
        waiting = undefined;
        on.state("live");
      } catch (error) {
        fail(error);
      }
    };
    opened.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (waiting) waiting.push(message);
      else on.message(message);
    };
    opened.onerror = () => {
      on.state("reconnecting");
      // The browser tries again by itself, but not after an answer that is no stream.
      if (opened.readyState === EventSource.CLOSED) retry();
    };
  }

  /** @param {unknown} error */
  function fail(error) {
    if (ending.signal.aborted) return;
    stream?.close();
    on.state("off", reasonOf(error));
    if (!(error instanceof RefusedError)) retry();
  }

  function retry() {
    clearTimeout(timer);
    timer = setTimeout(connect, RETRY_MS);
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} [query]
   */
  function get(path, query) {
    return request(connection, "GET", `${flowPath(connection)}${path}`, { query, signal: ending.signal });
  }

  /** An EventSource sends no header, so the token stands in the query. */
  function streamAddress() {
    const parameters = new URLSearchParams({ accept: "text/event-stream", access_token: connection.apiToken });
    return `${connection.baseUrl}${flowPath(connection)}?${parameters}`;
  }
}
