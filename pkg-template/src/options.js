// Options as a caller gave them.

import { invalidOption } from "./error.js";

/** @typedef {(url: string, init: RequestInit) => Response | Promise<Response>} Fetch */

/**
 * A copy of the options, those that are no data included.
 *
 * @template O
 * @param {O} options
 * @returns {Partial<NonNullable<O>>}
 */
export function own(options) {
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

/**
 * The same, with none but these names, so that a slip of the pen is noticed.
 *
 * @template O
 * @param {O} options
 * @param {string[]} names
 */
export function known(options, names) {
  const copy = own(options);
  const unknown = Object.keys(copy).find((name) => !names.includes(name));
  // Its value may be a token; so may its name, where something was put in the wrong place.
  if (unknown !== undefined) throw invalidOption(`there is an option that is not one of \`${names.join("`, `")}\``);
  return copy;
}

/**
 * The options of a class that makes requests: its fetch, and the rest.
 *
 * @template {import("flowdock-integration").RequestOptions} O
 * @param {O} options
 */
export function withFetch(options) {
  const { fetch = globalThis.fetch, ...rest } = own(options);
  if (typeof fetch !== "function") throw invalidOption("`fetch` must be a function");
  return { fetch, rest };
}
