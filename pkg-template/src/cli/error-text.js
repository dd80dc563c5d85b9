// Describes an error of the package in one line: its code, what happened, and what to do.

import { plain } from "./output.js";

/** @typedef {import("flowdock-integration").FlowdockError} FlowdockError */

/** What to do about each code, in the words of this command. `docs/errors.md` has more. */
const REMEDIES = /** @type {Partial<Record<string, string>>} */ ({
  wasm_unavailable: "start Node without --jitless",
  too_large: "send less, for example smaller attachments",
  unauthorized: "renew the flow token (FLOWDOCK_TOKEN)",
  forbidden: "ask for the permission; a proxy may also have refused it",
  not_found: "compare FLOWDOCK_URL and FLOWDOCK_TOKEN with those of the source",
  source_removed: "delete its flow token from your settings",
  rate_limited: "send less, and try later",
  server: "try later",
  network: "see that the server runs and that FLOWDOCK_URL is its address",
  timeout: "set a longer --timeout-ms",
  redirect_refused: "set FLOWDOCK_URL to the final address",
  bad_response: "open FLOWDOCK_URL in a browser: something else answers there",
});

/** The options of the package, and what they are called here. */
const NAMES = {
  "`baseUrl`": "FLOWDOCK_URL",
  "`flowToken`": "FLOWDOCK_TOKEN",
  "`allowHttp`": "--allow-http",
  "`timeoutMs`": "--timeout-ms",
  "`attachments`": "--attach",
};

/** @param {FlowdockError} error */
export function described({ code, message, maybeDuplicate, uuid }) {
  const remedy = REMEDIES[code];
  const text = `${code}: ${plain(inWordsOfTheCommand(message))}${remedy ? `; ${remedy}` : ""}`;
  // Only a message that left can have been stored.
  return maybeDuplicate ? `${text}. The message may have been stored all the same, with the uuid ${uuid}` : text;
}

/**
 * The error for `--json`.
 *
 * @param {FlowdockError} error
 */
export function asJson(error) {
  const { name: _, ...rest } = /** @type {any} */ (error.toJSON());
  const remedy = REMEDIES[error.code];
  return { ...rest, message: inWordsOfTheCommand(error.message), ...(remedy && { remedy }) };
}

/** @param {string} message */
function inWordsOfTheCommand(message) {
  return Object.entries(NAMES).reduce((text, [from, to]) => text.replaceAll(from, to), message);
}
