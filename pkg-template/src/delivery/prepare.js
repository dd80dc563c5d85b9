// What a queue stores of a message that a client posts later.

import { invalidOption } from "../error.js";
import { known, needs } from "../options.js";
import { requestOf } from "./request.js";

/** @type {typeof import("flowdock-integration").prepare} */
export function prepare(message, options) {
  needs("crypto");
  const { token, uuid, lanes, body } = requestOf(message, known(options, ["thread"]), "");
  // No token is stored. The client that posts the message adds its own.
  if (token !== undefined) throw invalidOption("a stored message must have no `flow_token`");
  return { uuid, lanes, body };
}
