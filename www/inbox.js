// Follows a flow: what is there already, and then each message as it comes.

/** Between attempts to reach a server that does not answer. */
const RETRY_MS = 5_000;

/** The most that one request for messages brings. */
const MAX_MESSAGES = 100;

/** The server refused; asking again would not help. */
class RefusedError extends Error {}

/**
 * Follows the flow of a connection.
 *
 * @param on `state(name, reason)` with `connecting`, `live`, `reconnecting` or `off`; `snapshot(threads, messages)`
 *   when connected, also when connected again; `message(message)` for each one that comes later.
 * @returns A function that ends it.
 */
export function follow({ baseUrl, organization, flow, apiToken }, on) {
  const ending = new AbortController();
  let stream;
  let timer;

  if (apiToken === "") on.state("off", "the API token is missing");
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
    stream = new EventSource(address("", { accept: "text/event-stream" }));
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

  async function get(path, query = {}) {
    // Without credentials a 401 comes back to us instead of a question for a password.
    const options = { credentials: "omit", signal: ending.signal, headers: { Accept: "application/json" } };
    const answer = await fetch(address(path, query), options).catch(() => {
      throw new Error(`no answer from ${baseUrl}`);
    });
    if (answer.ok) return answer.json();
    const { message = "" } = await answer.json().catch(() => ({}));
    const reason = `${answer.status} ${message}`.trim();
    throw answer.status < 500 ? new RefusedError(reason) : new Error(reason);
  }

  function address(path, query) {
    const parameters = new URLSearchParams({ ...query, access_token: apiToken });
    return `${baseUrl}/flows/${encodeURIComponent(organization)}/${encodeURIComponent(flow)}${path}?${parameters}`;
  }
}
