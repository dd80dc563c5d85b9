// The error when WebAssembly cannot be compiled or started. Its advice depends on the place where the code runs.

import { FlowdockError } from "../error.js";

/**
 * Makes the error for what the engine threw.
 *
 * @param {any} cause
 * @returns {unknown} A FlowdockError, or `cause` itself when the stack or the memory is exhausted: that is no matter of the place.
 */
export function unavailable(cause) {
  return cause instanceof RangeError ? cause : wasmUnavailable(advice(), { cause });
}

/**
 * @param {string} advice
 * @param {ErrorOptions} [options]
 */
export function wasmUnavailable(advice, options) {
  const message = `WebAssembly could not be compiled: ${advice}`;
  return new FlowdockError({ code: "wasm_unavailable", message, retryable: false }, options);
}

/** By the globals of the place, never by the words of the engine, which differ and change. */
function advice() {
  const { WebAssembly, chrome, browser, location, EdgeRuntime, WebSocketPair } = /** @type {any} */ (globalThis);
  if (!WebAssembly) return "this runtime has none";
  if (EdgeRuntime || WebSocketPair) {
    return "this runtime compiles none, so bundle with the condition `workerd` or `edge-light`, or use flowdock-integration/slim";
  }
  const policy = "'wasm-unsafe-eval' is missing in the script-src of";
  if (/-extension:$/.test(location?.protocol))
    return `${policy} content_security_policy.extension_pages in the manifest`;
  if (!(chrome ?? browser)?.runtime?.id) return `${policy} the Content-Security-Policy`;
  return "in a content script the page's Content-Security-Policy forbids it, so call the package in the service worker, and send it a message";
}
