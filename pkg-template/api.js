// What the package exports. The functions here are one call of the core module each.

import { call } from "./core.js";

/** @import * as flowdock from "flowdock-integration" */

export { authenticationChallenge, verifyAction } from "./action.js";
export { Client } from "./client.js";
export { FlowdockError } from "./error.js";
export { FlowdockApi, readConfigurationUri, readSetupUri } from "./flowdock-api.js";
export { html } from "./html.js";
export { OAuth } from "./oauth.js";
export { default as messageSchema } from "./schema.json";

/** @type {typeof flowdock.activity} */
export const activity = (parts, options) => message("activity", parts, options);
/** @type {typeof flowdock.discussion} */
export const discussion = (parts, options) => message("discussion", parts, options);
/** @type {typeof flowdock.chatMessage} */
export const chatMessage = (parts, options) => message("message", parts, options);
/** @type {typeof flowdock.thread} */
export const thread = (parts) => JSON.parse(call("build", "thread", parts));

/** @type {typeof flowdock.validate} */
export const validate = (message, options) => {
  const report = call("validate", message, options);
  return report === "" ? { valid: true, violations: [] } : JSON.parse(report);
};
/** @type {typeof flowdock.encode} */
export const encode = (message, options) => call("encode", message, options);

/** @type {typeof flowdock.checkTitle} */
export const checkTitle = (html) => JSON.parse(call("checkTitle", html));
/** @type {typeof flowdock.checkBody} */
export const checkBody = (html) => JSON.parse(call("checkBody", html));
/** @type {typeof flowdock.sanitizeTitle} */
export const sanitizeTitle = (html) => call("sanitizeTitle", html);
/** @type {typeof flowdock.sanitizeBody} */
export const sanitizeBody = (html) => call("sanitizeBody", html);
/** @type {typeof flowdock.escapeHtml} */
export const escapeHtml = (text) => call("escapeHtml", text);

/**
 * @param {string} event
 * @param {unknown} parts
 * @param {flowdock.CheckOptions} [options]
 */
function message(event, parts, options) {
  const built = JSON.parse(call("build", event, parts, options));
  if (built.tags) built.tags = normalizeTags(built.tags);
  return built;
}

/**
 * The same as `normalize_tags` in src/message/tags.rs; in the module, tables of letter case are 5 KB.
 *
 * @param {string[]} tags
 */
function normalizeTags(tags) {
  const normal = tags.map((tag) => tag.trim().replace(/^#/, "").trim().toLowerCase());
  return [...new Set(normal)].filter((tag) => tag !== "");
}
