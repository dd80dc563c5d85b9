// The stream of a flow. A browser opens few connections to one server, so all tabs of this browser share one stream: the tab that holds a lock
// reads it, and passes each message on to the others. When that tab is closed, the browser gives the lock to the next one.

import { flowPath, RefusedError, reasonOf, request } from "../page/api.js";

/** @import { Connection } from "./connection.js" */
/** @import { InboxMessage } from "../inbox/message.js" */

/**
 * The state of the stream. `since` is when it was last live, and `next` when the next attempt comes, both in milliseconds; `reason` says why
 * the server refused.
 *
 * @typedef {{ name: "connecting" } | { name: "live" } | { name: "reconnecting", since: number, next: number } | { name: "off", reason: string }}
 *   StreamState
 */

/**
 * @typedef Listener
 * @property {(state: StreamState) => void} state
 * @property {() => void} opened Called after each connection and reconnection: messages may have been missed before it.
 * @property {(message: InboxMessage) => void} message
 */

/**
 * What the tab that reads the stream tells the others, and what they want of it.
 *
 * @typedef {{ opened: true } | { state: StreamState } | { message: InboxMessage }} News
 * @typedef {News | { wanted: "state" } | { wanted: "attempt" }} Signal
 */

/** The wait before the first attempt to reconnect. Each further wait is twice as long. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How long the question for the flow may take before each attempt. */
const PROBE_MS = 10_000;

/** The statuses of refusals that may end by themselves: a timeout, and too many requests. */
const TEMPORARY = [408, 429];

/**
 * Follows the flow of a connection.
 *
 * @param {Connection} connection
 * @param {Listener} on
 * @returns {{ stop: () => void, tryNow: () => void }}
 */
export function follow(connection, on) {
  if (connection.token === "") {
    on.state(connection.problem === "" ? { name: "connecting" } : { name: "off", reason: connection.problem });
    return { stop() {}, tryNow() {} };
  }
  on.state({ name: "connecting" });
  // Browsers give pages of plain http no locks: each tab then has a stream of its own.
  return navigator.locks ? followWithOthers(connection, on) : followAlone(connection, on);
}

/**
 * @param {Connection} connection
 * @param {Listener} on
 */
function followAlone(connection, on) {
  const reader = read(connection, (news) => hearFrom(news, on));
  return { stop: reader.stop, tryNow: reader.tryNow };
}

/**
 * @param {Connection} connection
 * @param {Listener} on
 */
function followWithOthers(connection, on) {
  const ending = new AbortController();
  /** @type {BroadcastChannel | undefined} */
  let channel;
  /** @type {ReturnType<typeof read> | undefined} */
  let reader;

  /** Tells this tab and all others. @param {News} news */
  const tell = (news) => {
    channel?.postMessage(news);
    hear(news);
  };
  /** @param {Signal} signal */
  const hear = (signal) => {
    if (!("wanted" in signal)) {
      hearFrom(signal, on);
      // The tab that reads the stream was refused. This tab asks for itself, so that it hears of a session that has ended.
      const isRefused = "state" in signal && signal.state.name === "off" && !reader;
      if (isRefused) request(connection, "GET", flowPath(connection)).catch(() => {});
    } else if (signal.wanted === "attempt") reader?.tryNow();
    else if (reader) {
      channel?.postMessage({ state: reader.state() });
      // A tab that has just come reads what it has not seen. For the others that is one request in vain.
      if (reader.state().name === "live") channel?.postMessage({ opened: true });
    }
  };
  const lead = () => {
    reader = read(connection, tell);
    return new Promise((resolve) => {
      ending.signal.addEventListener("abort", resolve);
    });
  };
  nameOf(connection).then((name) => {
    if (ending.signal.aborted) return;
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => hear(data);
    navigator.locks.request(name, { signal: ending.signal }, lead).catch(() => {});
    channel.postMessage({ wanted: "state" });
  });

  return {
    stop() {
      ending.abort();
      reader?.stop();
      channel?.close();
    },
    tryNow() {
      if (reader) reader.tryNow();
      else channel?.postMessage({ wanted: "attempt" });
    },
  };
}

/**
 * @param {News} signal
 * @param {Listener} on
 */
function hearFrom(signal, on) {
  if ("message" in signal) on.message(signal.message);
  else if ("state" in signal) on.state(signal.state);
  else on.opened();
}

/**
 * The name of the lock and of the channel. Only tabs with the same token share a stream, but nobody can read the token in the name.
 *
 * @param {Connection} connection
 */
async function nameOf(connection) {
  const token = new TextEncoder().encode(connection.token);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", token)).slice(0, 8);
  return `flowdock-inbox stream ${connection.baseUrl}${flowPath(connection)} ${digest.join(".")}`;
}

/**
 * Reads the stream, and reconnects after it has ended.
 *
 * @param {Connection} connection
 * @param {(news: News) => void} tell
 */
function read(connection, tell) {
  /** @type {EventSource | undefined} */
  let stream;
  /** @type {number | undefined} */
  let timer;
  let wait = FIRST_WAIT_MS;
  let lastLive = Date.now();
  /** @type {StreamState} */
  let state = { name: "connecting" };
  let attempt = new AbortController();

  /** @param {StreamState} newState */
  const become = (newState) => {
    state = newState;
    tell({ state });
  };

  const connect = async () => {
    stream?.close();
    clearTimeout(timer);
    attempt.abort();
    attempt = new AbortController();
    const { signal } = attempt;
    try {
      // Asks for the flow before the stream: an EventSource does not tell why it was refused.
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
      await request(connection, "GET", flowPath(connection), { signal: inTime });
    } catch (error) {
      if (signal.aborted) return;
      const isFinal = error instanceof RefusedError && !TEMPORARY.includes(error.status);
      if (isFinal) become({ name: "off", reason: reasonOf(error) });
      else retry();
      return;
    }
    if (signal.aborted) return;
    const opened = new EventSource(streamAddress(connection));
    stream = opened;
    opened.onopen = () => {
      wait = FIRST_WAIT_MS;
      become({ name: "live" });
      tell({ opened: true });
    };
    opened.onmessage = ({ data }) => tell({ message: JSON.parse(data) });
    opened.onerror = () => {
      if (state.name === "live") lastLive = Date.now();
      // The browser would reconnect at times of its own; the page says when it does.
      opened.close();
      if (!signal.aborted) retry();
    };
  };

  const retry = () => {
    clearTimeout(timer);
    become({ name: "reconnecting", since: lastLive, next: Date.now() + wait });
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };

  connect();
  return {
    state: () => state,
    tryNow() {
      if (state.name === "reconnecting" || state.name === "off") connect();
    },
    stop() {
      attempt.abort();
      stream?.close();
      clearTimeout(timer);
    },
  };
}

/**
 * The URL of the event stream. An EventSource cannot send headers, so the token is in the query.
 *
 * @param {Connection} connection
 */
function streamAddress(connection) {
  const parameters = new URLSearchParams({ accept: "text/event-stream", access_token: connection.token });
  return `${connection.baseUrl}${flowPath(connection)}?${parameters}`;
}
