// Reads the options that a caller gave.

import { invalidOption } from "./error.js";

/** @typedef {(url: string, init: RequestInit) => Response | Promise<Response>} Fetch */

/**
 * Checks that the runtime has what a call needs, which some test environments and React Native lack.
 *
 * @param {string[]} names The names of globals.
 */
export function needs(...names) {
  for (const name of names) {
    if (!(/** @type {any} */ (globalThis)[name])) throw invalidOption(`this runtime has no \`${name}\``);
  }
}

/**
 * Copies the options. Functions and other values that JSON cannot hold are copied too.
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
 * Copies the options, and throws when there is an option with any other name than these, so that a misspelt name is noticed.
 *
 * @template O
 * @param {O} options
 * @param {string[]} names
 */
export function known(options, names) {
  const copy = own(options);
  const unknown = Object.keys(copy).find((name) => !names.includes(name));
  // The error names neither the option nor its value: either may be a token that the caller passed by mistake.
  if (unknown !== undefined) throw invalidOption(`there is an option that is not one of \`${names.join("`, `")}\``);
  return copy;
}

/**
 * Splits the options of a class that makes requests into its `fetch` and all others.
 *
 * @template {import("flowdock-integration").RequestOptions} O
 * @param {O} options
 */
export function withFetch(options) {
  const { fetch = globalThis.fetch, ...rest } = own(options);
  if (typeof fetch !== "function") throw invalidOption("`fetch` must be a function");
  return { fetch: /** @type {Fetch} */ (fetch), rest };
}
