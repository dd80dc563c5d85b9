// `check`: prints each violation with its position.

import process from "node:process";
import { CHECK_OPTIONS, givenMessages } from "../messages.js";
import { MESSAGE_OPTIONS } from "../option-message.js";
import { painter, print, printJson } from "../output.js";
import { advice, counts, placeOf, summaryOf, violationLines } from "../report.js";

export const summary = "check messages, and print every violation with its position";

export const usage = ["check [options] [<file>…]", "check [options] --title <html> …"];

export const about = `Reads messages from files, from standard input (- or a pipe), or from options. A file holds one message in
Flowdock's format as JSON, an array of messages, or JSON Lines. Only errors make a message invalid, warnings do not.`;

export const options = {
  ...CHECK_OPTIONS,
  ...MESSAGE_OPTIONS,
  strict: { help: "fail (exit code 1) when there is a warning, too" },
};

/** @param {import("../arguments.js").Arguments} given */
export async function run(given) {
  const messages = await givenMessages(given);
  const { invalid, errors, warnings } = counts(messages);
  if (given.values.json) {
    const reports = messages.map((message) => ({ ...placeOf(message), ...message.report }));
    printJson({ valid: invalid === 0, errors, warnings, messages: reports });
  } else {
    const paint = painter(process.stdout);
    const lines = messages.flatMap((message) => violationLines(message, paint));
    print([...lines, ...advice(messages, given.values), summaryOf(messages, paint)].join("\n"));
  }
  return invalid > 0 || (given.values.strict && warnings > 0) ? 1 : 0;
}
