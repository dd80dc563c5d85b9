// Reads the options of the outbox.

import { failure } from "./failure.js";

/** The waits between tries, in milliseconds. */
export const BACKOFF = { baseMs: 5_000, capMs: 3_600_000 };

/**
 * Puts the options in the place of their defaults. An option has the type of its default, and a number is whole and at least 1. So a text
 * such as "5m", NaN or a misspelt name is noticed before it decides over a message.
 *
 * @template {object} O
 * @param {{ [Name in keyof O]?: O[Name] | undefined }} options
 * @param {O} defaults
 * @returns {O}
 */
export function read(options, defaults) {
  /** @type {any} */
  const settings = { ...defaults };
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue;
    const isRight =
      name in settings &&
      value !== null &&
      typeof value === typeof settings[name] &&
      (typeof value !== "number" || (Number.isSafeInteger(value) && value >= 1));
    if (!isRight) throw failure("invalid_option", `\`${name}\` cannot be used`);
    settings[name] = value;
  }
  return settings;
}
