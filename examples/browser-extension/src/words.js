// Describes errors for the user of the extension.

/** @type {Record<string, string>} Sentences, by the code of the error. */
const WORDS = {
  not_found: "The server does not know this flow token, or is no Flowdock inbox.",
  source_removed: "Somebody removed this source from the flow, so its token no longer works.",
  invalid_option: "The options are not complete.",
  bad_response: "What answers at this address is no Flowdock inbox.",
  unauthorized: "The server wants a login that the extension does not have.",
  forbidden: "The server does not allow it.",
  storage: "The browser has no space for the page, or keeps nothing for extensions.",
  network: "The server cannot be reached.",
  timeout: "The server gave no answer in time.",
};

/**
 * @param {import("flowdock-integration").FlowdockError} error
 * @returns {string} One sentence or several.
 */
export function inWords({ code, message, violations }) {
  if (violations) return violations.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return WORDS[code] ?? `${message[0].toUpperCase()}${message.slice(1)}.`;
}
