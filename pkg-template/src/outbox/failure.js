// The errors of the outbox.

import { FlowdockError } from "flowdock-integration";

/**
 * @param {"invalid_option" | "source_removed" | "storage"} code
 * @param {string} message
 * @param {unknown} [cause]
 * @returns {FlowdockError}
 */
export function failure(code, message, cause) {
  const details = { code, message, retryable: code === "storage" };
  return new /** @type {any} */ (FlowdockError)(details, cause && { cause });
}
