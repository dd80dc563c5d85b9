// The public functions: each packs its arguments, calls the WebAssembly module, and unpacks the answer.

import * as core from "./core.js";
import { FlowdockError, invalidOption, orThrow } from "./error.js";
import { MAX_SIZE, pack } from "./frame.js";
import { readOptions } from "./options.js";

export { Client } from "./client.js";
export { FlowdockError };
export { html } from "./html.js";
export { messageSchema } from "./schema.js";

export const activity = (parts, options) => build("activity", parts, options);
export const discussion = (parts, options) => build("discussion", parts, options);
export const chatMessage = (parts, options) => build("message", parts, options);
export const thread = (parts) => build("thread", parts);

export function validate(message, options) {
  const read = readOptions(options);
  const { text, tape } = pack(message);
  return orThrow(() => core.validate(text, tape, read));
}

export function encode(message, options) {
  const read = readOptions(options);
  const { text, tape } = pack(message);
  return stringOrThrow(() => core.encode(text, tape, read));
}

export function checkTitle(html) {
  return core.checkTitle(string("html", html));
}

export function checkBody(html) {
  return core.checkBody(string("html", html));
}

export function sanitizeTitle(html) {
  return core.sanitizeTitle(string("html", html));
}

export function sanitizeBody(html) {
  return core.sanitizeBody(string("html", html));
}

export function escapeHtml(text) {
  return core.escapeHtml(string("text", text));
}

function build(what, parts, options) {
  const read = readOptions(options);
  const { text, tape } = pack(parts);
  return JSON.parse(stringOrThrow(() => core.build(what, text, tape, read)));
}

/** A rejected message comes back as a value, because an exception inside WebAssembly costs six times as much. */
function stringOrThrow(call) {
  const result = orThrow(call);
  if (typeof result !== "string") throw new FlowdockError(result);
  return result;
}

function string(name, value) {
  if (typeof value !== "string") throw invalidOption(`\`${name}\` must be a string`);
  if (value.length > MAX_SIZE) throw invalidOption(`\`${name}\` must have at most ${MAX_SIZE} characters`);
  return value;
}
