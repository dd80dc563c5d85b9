// What the package exports. The functions here are one call of the core module each.

import { call } from "./core.js";

export { verifyAction } from "./action.js";
export { authenticationChallenge } from "./challenge.js";
export { Client } from "./client.js";
export { FlowdockError } from "./error.js";
export { escapeHtml } from "./escape.js";
export { FlowdockApi } from "./flowdock-api.js";
export { html } from "./html.js";
export { OAuth } from "./oauth.js";
export { default as messageSchema } from "./schema.json";
export { readConfigurationUri, readSetupUri } from "./visit.js";

export const activity = (parts, options) => message("activity", parts, options);
export const discussion = (parts, options) => message("discussion", parts, options);
export const chatMessage = (parts, options) => message("message", parts, options);
export const thread = (parts) => JSON.parse(call("build", "thread", parts));

export const validate = (message, options) => {
  const report = call("validate", message, options);
  return report === "" ? { valid: true, violations: [] } : JSON.parse(report);
};
export const encode = (message, options) => call("encode", message, options);

export const checkTitle = (html) => JSON.parse(call("checkTitle", html));
export const checkBody = (html) => JSON.parse(call("checkBody", html));
export const sanitizeTitle = (html) => call("sanitizeTitle", html);
export const sanitizeBody = (html) => call("sanitizeBody", html);

function message(event, parts, options) {
  const built = JSON.parse(call("build", event, parts, options));
  if (built.tags) built.tags = normalizeTags(built.tags);
  return built;
}

/** The same as `normalize_tags` in src/message/tags.rs; in the module, tables of letter case are 5 KB. */
function normalizeTags(tags) {
  const normal = tags.map((tag) => tag.trim().replace(/^#/, "").trim().toLowerCase());
  return [...new Set(normal)].filter((tag) => tag !== "");
}
