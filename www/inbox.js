// Follows a flow: what is there already, and then each message as it comes.

import { RefusedError, flowPath, request } from "./api.js";

/** Between attempts to reach a server that does not answer. */
const RETRY_MS = 5_000;

/** The most that one request for messages brings. */
const MAX_MESSAGES = 100;

/**
 * Follows the flow of a connection.
 *
 * @param on `state(name, reason)` with `connecting`, `live`, `reconnecting` or `off`; `snapshot(threads, messages)`
 *   when connected, also when connected again; `message(message)` for each one that comes later.
 * @returns A function that ends it.
 */
export function follow(connection, on) {
  const ending = new AbortController();
  let stream;
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
    let waiting;
    stream = new EventSource(streamAddress());
    stream.onopen = async () => {
      waiting = [];
      try {
        on.snapshot(...(await Promise.all([get("/threads"), get("/messages", { limit: MAX_MESSAGES })])));
        waiting.forEach(on.message);
        waiting = undefined;
        on.state("live");
      } catch (error) {
        fail(error);
      }
    };
    stream.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (waiting) waiting.push(message);
      else on.message(message);
    };
    stream.onerror = () => {
      on.state("reconnecting");
      // The browser tries again by itself, but not after an answer that is no stream.
      if (stream.readyState === EventSource.CLOSED) retry();
    };
  }

  function fail(error) {
    if (ending.signal.aborted) return;
    stream?.close();
    on.state("off", error.message);
    if (!(error instanceof RefusedError)) retry();
  }

  function retry() {
    clearTimeout(timer);
    timer = setTimeout(connect, RETRY_MS);
  }

  function get(path, query) {
    return request(connection, "GET", `${flowPath(connection)}${path}`, { query, signal: ending.signal });
  }

  /** An EventSource sends no header, so the token stands in the query. */
  function streamAddress() {
    const parameters = new URLSearchParams({ accept: "text/event-stream", access_token: connection.apiToken });
    return `${connection.baseUrl}${flowPath(connection)}?${parameters}`;
  }
}
