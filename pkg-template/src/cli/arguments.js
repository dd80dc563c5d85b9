// Reads the arguments of a command by its table of options.

import { parseArgs } from "node:util";
import { WrongUse } from "./wrong-use.js";

/**
 * @typedef {object} Option
 * @property {string} [value] What the help calls the value. An option without it is a switch.
 * @property {boolean} [multiple] Whether the option may be given several times.
 * @property {string} [short]
 * @property {string} help
 *
 * @typedef {Record<string, Option>} Options
 *
 * @typedef {object} Arguments
 * @property {Record<string, any>} values The options that were given, by their names.
 * @property {string[]} files The arguments that are no options.
 */

/** The options of every command. */
export const COMMON = /** @type {Options} */ ({
  json: { help: "print one JSON document, for programs" },
  help: { short: "h", help: "print this help" },
});

/** Options that would show a secret to other users of the machine. They are known only to be refused. */
const SECRET = ["token", "flow-token", "flow_token", "api-token"];

/**
 * @param {string[]} given
 * @param {Options} options
 * @returns {Arguments}
 */
export function readArguments(given, options) {
  const known = { ...options, ...COMMON };
  const entries = Object.entries(known).map(([name, { value, multiple = false, short }]) => {
    const type = /** @type {"string" | "boolean"} */ (value === undefined ? "boolean" : "string");
    return [name, { type, multiple, ...(short && { short }) }];
  });
  // Strict parsing would describe mistakes in words of Node, which differ from version to version.
  const { values, positionals, tokens } = parseArgs({
    args: given,
    options: Object.fromEntries(entries),
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "option") judge(token, known);
  }
  return { values, files: positionals };
}

/**
 * Throws if an option is unknown, lacks its value, or has one too many. The error never shows the value, which may be a secret.
 *
 * @param {{ name: string, rawName: string, value?: string, inlineValue?: boolean }} token
 * @param {Options} known
 */
function judge({ name, rawName, value, inlineValue }, known) {
  if (SECRET.includes(name)) {
    const reason = "other users of this machine can see the arguments of a command";
    throw new WrongUse(`${rawName} is refused: ${reason}. Put the token into FLOWDOCK_TOKEN, or into a --token-file`);
  }
  if (!Object.hasOwn(known, name))
    throw new WrongUse(`there is no option ${rawName}; the command with --help lists its options`);
  if (known[name].value === undefined) {
    if (value !== undefined) throw new WrongUse(`${rawName} takes no value`);
    return;
  }
  if (value === undefined) throw new WrongUse(`${rawName} needs a value: ${rawName} <${known[name].value}>`);
  if (!inlineValue && value.startsWith("-") && value !== "-") {
    throw new WrongUse(
      `${rawName} needs a value. For a value that begins with a dash, write ${rawName}=<${known[name].value}>`,
    );
  }
}
