// The messages that the command was given: in files, on standard input, or by options.

import process from "node:process";
import { jsonMessages } from "./json-messages.js";
import { describesMessage, optionMessage } from "./option-message.js";
import { nameOf, readText } from "./read.js";
import { WrongUse } from "./wrong-use.js";

/** The option that says how messages are checked. */
export const CHECK_OPTIONS = /** @type {import("./arguments.js").Options} */ ({
  thread: {
    value: "required|optional",
    help: "optional: the messages may have no thread, because their threads exist already",
  },
});

/**
 * @param {import("./arguments.js").Arguments} given
 * @returns {Promise<import("./json-messages.js").Given[]>}
 */
export async function givenMessages({ values, files }) {
  const options = checkOptions(values);
  if (describesMessage(values)) {
    if (files.length > 0) throw new WrongUse("a message comes from files or from options, not from both");
    return [await optionMessage(values)];
  }
  const messages = [];
  for (const file of sources(files)) {
    for (const message of jsonMessages(nameOf(file), await readText(file), options)) messages.push(message);
  }
  return messages;
}

/**
 * The files to read. Without any it is standard input, unless that is a terminal, where a person would wait for the command.
 *
 * @param {string[]} files
 */
export function sources(files) {
  if (files.length > 0) return files;
  if (process.stdin.isTTY) throw new WrongUse("nothing to read: name a file, or pipe something", { showsHelp: true });
  return ["-"];
}

/**
 * @param {Record<string, any>} values
 * @returns {import("flowdock-integration").CheckOptions}
 */
export function checkOptions({ thread = "required" }) {
  if (thread !== "optional" && thread !== "required") throw new WrongUse("--thread must be optional or required");
  return { thread };
}
