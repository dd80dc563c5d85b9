// Checks the options, and whether the server accepts them.

import { Client, FlowdockApi, FlowdockError } from "flowdock-integration";
import { inWords } from "./words.js";

/** @import { Settings } from "./settings.js" */

/**
 * @typedef Problem What is wrong with the options.
 * @property {keyof Settings} field The option that the user should look at.
 * @property {string} text Sentences for the user.
 * @property {boolean} [mayPass] Whether these options may work later.
 */

/** Short, because the user is waiting for the answer. */
const TIMEOUT_MS = 10_000;

/**
 * The option to look at, by the code of the error. For all other codes it is the base URL.
 *
 * @type {Record<string, keyof Settings>}
 */
const FIELDS = { not_found: "flowToken", source_removed: "flowToken" };

/**
 * Reads an address that holds a flow token in its fragment, as that of the inbox's page does.
 *
 * @param {string} text
 * @returns {{ baseUrl: string, flowToken: string } | undefined} Undefined for any other text.
 */
export function readAddress(text) {
  const address = text.trim();
  if (!URL.canParse(address)) return undefined;
  const { hash } = new URL(address);
  const flowToken = new URLSearchParams(hash.slice(1)).get("flow_token");
  return flowToken ? { baseUrl: address.slice(0, address.indexOf("#")).replace(/\/+$/, ""), flowToken } : undefined;
}

/**
 * Finds a mistake in the options without a request.
 *
 * @param {Settings} settings
 * @returns {Problem | undefined}
 */
export function mistakeIn({ baseUrl, flowToken, name }) {
  if (baseUrl === "") return { field: "baseUrl", text: "The base URL is missing." };
  if (isRefused({ baseUrl, flowToken: "any" }))
    return { field: "baseUrl", text: "The base URL must begin with https://, or with http:// on this machine." };
  if (flowToken === "") return { field: "flowToken", text: "The flow token is missing." };
  if (isRefused({ baseUrl, flowToken })) return { field: "flowToken", text: "A flow token is one word." };
  return name ? undefined : { field: "name", text: "Your name is missing." };
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
 * @returns {Promise<Problem | undefined>}
 */
export async function testConnection({ baseUrl, flowToken }) {
  try {
    await new FlowdockApi({ baseUrl, timeoutMs: TIMEOUT_MS }).updateSourceByToken(flowToken, {});
    return undefined;
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
    return { field: FIELDS[error.code] ?? "baseUrl", text: inWords(error), mayPass: error.retryable };
  }
}
