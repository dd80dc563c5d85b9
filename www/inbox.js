// Follows a flow: loads its threads and messages, and then receives each new message.

import { flowPath, RefusedError, reasonOf, request } from "./api.js";

/** @import { Connection } from "./connection.js" */
/** @import { InboxMessage } from "./messages.js" */
/** @import { InboxThread } from "./threads.js" */

/**
 * @typedef Listener
 * @property {(name: StreamState, reason?: string) => void} state
 * @property {(threads: InboxThread[], messages: InboxMessage[]) => void} snapshot Called after each connection and reconnection.
 * @property {(message: InboxMessage) => void} message Called for each message that arrives after the snapshot.
 */

/** @typedef {"connecting" | "live" | "reconnecting" | "off"} StreamState */

/** The wait between two attempts to reach a server that does not answer. */
const RETRY_MS = 5_000;

/** The largest number of messages in one answer. */
const MAX_MESSAGES = 100;

/**
 * Follows the flow of a connection.
 *
 * @param {Connection} connection
 * @param {Listener} on
 * @returns A function that stops following.
 */
export function follow(connection, on) {
  const ending = new AbortController();
  /** @type {EventSource | undefined} */
  let stream;
  /** @type {number | undefined} */
  let timer;

  if (connection.problem !== "") on.state("off", connection.problem);
  else {
    on.state("connecting");
    if (connection.token !== "") connect();
  }

  return () => {
    ending.abort();
    stream?.close();
    clearTimeout(timer);
  };

  /**
   * Requests the flow before it opens the stream: an EventSource does not tell why it was refused, and the browser would ask its user for
   * a password.
   */
  async function connect() {
    try {
      await get("");
      listen();
    } catch (error) {
      fail(error);
    }
  }

  /** Opens the stream first and then requests the snapshot. Messages that arrive in between wait for the snapshot, so none is lost. */
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
        // The stream was reopened while this snapshot was loading. The later call of `onopen` shows a newer snapshot.
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
      // The browser reconnects by itself, except after an answer that is not an event stream.
      if (opened.readyState === EventSource.CLOSED) retry();
      else check();
    };
  }

  /** Asks why the stream has ended: the inbox ends it with the session. Any other reason is left to the browser, which reconnects. */
  async function check() {
    try {
      await get("");
    } catch (error) {
      if (error instanceof RefusedError) fail(error);
    }
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

  /** Returns the URL of the event stream. An EventSource cannot send headers, so the token is in the query. */
  function streamAddress() {
    const parameters = new URLSearchParams({ accept: "text/event-stream", access_token: connection.token });
    return `${connection.baseUrl}${flowPath(connection)}?${parameters}`;
  }
}
