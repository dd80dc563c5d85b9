// Whether the options lead to a flow.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { inWords } from "./words.js";

/** @import { Settings } from "./settings.js" */

/** Somebody waits for it. */
const TIMEOUT_MS = 10_000;

/**
 * What can be said of the options without asking anybody.
 *
 * @param {Settings} settings
 * @returns {string | undefined} None where nothing is wrong.
 */
export function mistakeIn({ baseUrl, flowToken, name }) {
  if (isRefused({ baseUrl, flowToken: "any" }))
    return "The base URL must begin with https://, or with http:// on this machine.";
  if (isRefused({ baseUrl, flowToken })) return "A flow token is one word.";
  return name ? undefined : "Your name is missing.";
}

/**
 * A client sends nothing before it is asked to, and refuses what it could not post with.
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
 * Asks the server whether it knows the flow token. A change of the source that changes nothing shows nothing in the flow.
 *
 * @param {Settings} settings
 * @returns {Promise<{ problem?: string, mayPass?: boolean }>} The problem in words, and whether the same options may work later.
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
