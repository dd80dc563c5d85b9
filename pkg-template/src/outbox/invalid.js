// The error for a mistake in the program. The stores throw none, so only this file and the core make errors of the package's class.

import { FlowdockError } from "flowdock-integration";

/** @param {string} message */
export function invalid(message) {
  return new /** @type {any} */ (FlowdockError)({ code: "invalid_option", message, retryable: false });
}
