// Checks the options, and whether the server accepts them.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { inWords } from "./words.js";

/** @import { Settings } from "./settings.js" */

/** Short, because the user is waiting for the answer. */
const TIMEOUT_MS = 10_000;

/**
 * Finds a mistake in the options without a request.
 *
 * @param {Settings} settings
 * @returns {string | undefined} A sentence for the user, or undefined if there is no mistake.
 */
export function mistakeIn({ baseUrl, flowToken, name }) {
  if (isRefused({ baseUrl, flowToken: "any" }))
    return "The base URL must begin with https://, or with http:// on this machine.";
  if (isRefused({ baseUrl, flowToken })) return "A flow token is one word.";
  return name ? undefined : "Your name is missing.";
}

/**
 * Whether a client refuses these options. Constructing a client sends no request.
 *
 * @param {import("flowdock-integration").ClientOptions} options
 */
function isRefused(options) {
  try {
    new Client(options);
    return false;
  } catch {
    return true;
  }
}

/**
 * Asks the server whether it knows the flow token. It updates the source without any change, so nothing appears in the flow.
 *
 * @param {Settings} settings
 * @returns {Promise<{ problem?: string, mayPass?: boolean }>} The problem in words, and whether these options may work later.
 */
export async function testConnection({ baseUrl, flowToken }) {
  try {
    await new FlowdockApi({ baseUrl, timeoutMs: TIMEOUT_MS }).updateSourceByToken(flowToken, {});
    return {};
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
    return { problem: inWords(error), mayPass: error.retryable };
  }
}
