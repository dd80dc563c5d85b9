// The request of a message, as the module makes it: the check, the uuid, the lanes and the body.

import { call } from "../wasm/core.js";
import { jsonText } from "../wasm/json-text.js";

/**
 * @typedef {object} MessageRequest
 * @property {Record<string, string>} headers
 * @property {string[]} lanes
 * @property {string} uuid
 * @property {string} [token] The flow token that the message itself has.
 * @property {string} body The JSON text to post.
 * @property {Iterable<[string, string]>} fields The names and values of a form. Only a message with files has them.
 */

/**
 * Checks a message and makes its request.
 *
 * @param {unknown} message
 * @param {object} options For the module.
 * @param {string} flowToken
 * @returns {MessageRequest}
 * @throws {FlowdockError} `invalid_message` or `invalid_option`.
 */
export function requestOf(message, options, flowToken) {
  const text = jsonText(message);
  const more = jsonText({ options, flowToken, random: random() });
  const { front, body, ...request } = JSON.parse(call.text("request", text, more));
  // `front` starts with a brace and holds the keys that the message lacks. It replaces the first brace of the message.
  return { ...request, body: front ? front + text.slice(1) : (body ?? text) };
}

/** Random numbers for the next uuids. To ask the engine for four at a time takes longer than all other work for a uuid. */
const pool = /* @__PURE__ */ new Uint32Array(256);
/** How many numbers of the pool are not used yet. */
let left = 0;

/** Returns sixteen random bytes for a uuid, as four numbers with spaces between them. */
function random() {
  if (left === 0) left = crypto.getRandomValues(pool).length;
  left -= 4;
  return pool.subarray(left, left + 4).join(" ");
}
