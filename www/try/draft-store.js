// Keeps the draft for this tab of the browser. It never keeps a token.

import { isObject } from "./pointer.js";

/** @import { Draft } from "./draft.js" */
/** @import { JsonObject } from "./pointer.js" */

/** @typedef {Pick<Draft, "mode" | "message" | "text">} StoredDraft */

const KEY = "flowdock-inbox draft";

/** A flow token in a text that may be no JSON yet. */
const TOKEN_IN_TEXT = /("flow_token"\s*:\s*)"(?:[^"\\\n]|\\.)*"?/g;

/** @param {StoredDraft} draft */
export function save({ mode, message, text }) {
  const stored = { mode, message: withoutToken(message), text: text?.replace(TOKEN_IN_TEXT, '$1""') };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(stored));
  } catch {
    // There is no storage, or the draft is too large for it.
  }
}

/** @returns {StoredDraft | undefined} */
export function load() {
  try {
    const { mode, message, text } = JSON.parse(sessionStorage.getItem(KEY) ?? "");
    if (!isObject(message)) return undefined;
    return { mode: mode === "json" ? "json" : "form", message, text: typeof text === "string" ? text : undefined };
  } catch {
    return undefined;
  }
}

/**
 * The message as it may be shown or handed on: the client adds the token when it posts.
 *
 * @template T
 * @param {T} message
 * @returns {T | JsonObject}
 */
export function withoutToken(message) {
  if (!isObject(message)) return message;
  const { flow_token: _, ...rest } = message;
  return rest;
}
