// Options as a caller gives them.

import { invalidOption } from "./error.js";

/** A copy of their own keys with plain values; getters are asked here, once, where an exception does no harm. */
export function readOptions(options) {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalidOption("the options must be an object");
  }
  try {
    return { ...options };
  } catch {
    throw invalidOption("the options could not be read");
  }
}
