// The exports of the package. Each function written here makes one call of the core module.

import { invalidOption } from "./error.js";
import { isShort } from "./length.js";
import { call } from "./wasm/core.js";
import { jsonText } from "./wasm/json-text.js";

/** @import * as flowdock from "flowdock-integration" */

export { default as messageSchema } from "../schema.json";
export { verifyAction } from "./action/action.js";
export { authenticationChallenge } from "./action/challenge.js";
export { Client } from "./delivery/client.js";
export { prepare } from "./delivery/prepare.js";
export { FlowdockError } from "./error.js";
export { escapeHtml } from "./escape.js";
export { html } from "./html.js";
export { FlowdockApi } from "./setup/flowdock-api.js";
export { OAuth } from "./setup/oauth.js";
export { readConfigurationUri, readSetupUri } from "./setup/visit.js";

/** @type {typeof flowdock.activity} */
export const activity = (parts, options) => build(parts, "activity", options);
/** @type {typeof flowdock.discussion} */
export const discussion = (parts, options) => build(parts, "discussion", options);
/** @type {typeof flowdock.chatMessage} */
export const chatMessage = (parts, options) => build(parts, "message", options);
/** @type {typeof flowdock.thread} */
export const thread = (parts) => build(parts, "thread");

/** @type {typeof flowdock.validate} */
export const validate = (message, options) => report(call("validate", message, options));

/** @type {typeof flowdock.validateJson} */
export function validateJson(text, options) {
  if (typeof text !== "string" || !isShort(text)) {
    throw invalidOption("`text` must be a string of at most 16 million characters");
  }
  return report(call.text("validateJson", text, options === undefined ? "" : jsonText(options)));
}

/** @type {typeof flowdock.encode} */
export function encode(message, options) {
  const text = jsonText(message);
  // The module returns an empty string when the text itself is the body.
  return call.text("encode", text, options === undefined ? "" : jsonText(options)) || text;
}

/** @type {typeof flowdock.checkTitle} */
export const checkTitle = (html) => JSON.parse(ofHtml("checkTitle", html));
/** @type {typeof flowdock.checkBody} */
export const checkBody = (html) => JSON.parse(ofHtml("checkBody", html));
/** @type {typeof flowdock.sanitizeTitle} */
export const sanitizeTitle = (html) => ofHtml("sanitizeTitle", html);
/** @type {typeof flowdock.sanitizeBody} */
export const sanitizeBody = (html) => ofHtml("sanitizeBody", html);

/**
 * @param {unknown} parts
 * @param {"activity" | "discussion" | "message" | "thread"} what
 * @param {flowdock.CheckOptions} [options]
 */
function build(parts, what, options) {
  return JSON.parse(call("build", parts, { what, options }));
}

/**
 * @param {string} json
 * @returns {flowdock.Report}
 */
function report(json) {
  return json === "" ? { valid: true, violations: [] } : JSON.parse(json);
}

/**
 * Calls the module with HTML. A string is passed as it is. Any other value is passed as JSON, so that the module can name its type in the
 * error.
 *
 * @param {string} name
 * @param {unknown} html
 */
function ofHtml(name, html) {
  const isText = typeof html === "string" && isShort(html);
  return isText ? call.text(name, html) : call.text(name, "", jsonText(html));
}
