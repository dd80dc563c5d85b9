// `post`: checks messages and posts them.

import process from "node:process";
import { encode } from "flowdock-integration";
import { readAttachments } from "../attachments.js";
import { asJson, described } from "../error-text.js";
import { interruption } from "../interruption.js";
import { CHECK_OPTIONS, checkOptions, givenMessages } from "../messages.js";
import { MESSAGE_OPTIONS, OPTIONS } from "../option-message.js";
import { note, painter, plain, print, printJson, visible } from "../output.js";
import { advice, counts, number, placeOf, summaryOf, violationLines, whereOf } from "../report.js";
import { clientOf, SETTINGS } from "../settings.js";
import { WrongUse } from "../wrong-use.js";

/**
 * @typedef {import("../json-messages.js").Given} Given
 * @typedef {import("flowdock-integration").Settled} Settled
 */

export const summary = "check messages and post them";

export const usage = [
  "post [options] --title <html> …",
  "post [options] --content <text> …",
  "post [options] [<file>…]",
];

export const about = `Posts one message that the options describe, or the messages of files or of standard input (- or a pipe). A file
holds one message in Flowdock's format as JSON, an array of messages, or JSON Lines. If one message breaks a rule,
nothing is posted. The address of the server and the flow token are in FLOWDOCK_URL and FLOWDOCK_TOKEN.`;

export const options = /** @type {import("../arguments.js").Options} */ ({
  ...MESSAGE_OPTIONS,
  attach: { value: "[id=]file", multiple: true, help: 'a file to send; the body shows it as <img src="cid:id">' },
  ...CHECK_OPTIONS,
  "dry-run": { help: "print the bodies and send nothing; the client adds the flow token and a uuid" },
  ...SETTINGS,
});

/** @param {import("../arguments.js").Arguments} given */
export async function run(given) {
  const { values } = given;
  const messages = await givenMessages(given);
  if (!values.json) showViolations(messages);
  if (counts(messages).invalid > 0) return refuse(messages, values);
  if (values.attach && messages.length !== 1) throw new WrongUse("--attach needs exactly one message");
  const attachments = await readAttachments(values.attach);
  // A message of options has a thread or not, as its options say.
  const options = checkOptions(messages[0]?.name === OPTIONS ? { thread: "optional" } : values);
  return values["dry-run"] ? show(messages, options, values) : send(messages, { ...options, attachments }, values);
}

/** @param {Given[]} messages */
function showViolations(messages) {
  const paint = painter(process.stderr);
  for (const line of messages.flatMap((message) => violationLines(message, paint))) note(line);
}

/**
 * @param {Given[]} messages
 * @param {Record<string, any>} values
 */
function refuse(messages, values) {
  if (values.json) {
    const results = messages.map((message) => {
      const status = message.report.valid ? "not_sent" : "invalid";
      return { ...placeOf(message), status, violations: message.report.violations };
    });
    printJson({ posted: 0, failed: messages.length, results });
  } else {
    for (const line of advice(messages, values)) note(line);
    note(`${summaryOf(messages, painter(process.stderr))}; nothing was posted`);
  }
  return 1;
}

/**
 * Prints the bodies of the messages.
 *
 * @param {Given[]} messages
 * @param {import("flowdock-integration").CheckOptions} options
 * @param {Record<string, any>} values
 */
function show(messages, options, { json, attach }) {
  const bodies = messages.map(({ message }) => {
    // A message may bring its own token, and no output shows a token.
    return encode(message.flow_token == null ? message : { ...message, flow_token: "(hidden)" }, options);
  });
  if (json) printJson({ bodies: bodies.map((body) => JSON.parse(body)) });
  else for (const body of bodies) print(visible(body));
  if (attach && !json) note(`${number(attach.length, "file")} would go with it, so all of it as multipart/form-data`);
  return 0;
}

/**
 * @param {Given[]} messages
 * @param {import("flowdock-integration").PostOptions} options
 * @param {Record<string, any>} values
 */
async function send(messages, options, values) {
  const client = await clientOf(values, values.json ? {} : { onRetry: tellRetry });
  const interrupted = interruption();
  /** @type {(Settled | undefined)[]} */
  const results = messages.map(() => undefined);
  let isRemoved = false;
  try {
    const wanted = { ...options, signal: interrupted.signal };
    for await (const settled of client.postAll(
      messages.map(({ message }) => message),
      wanted,
    )) {
      results[settled.index] = settled;
      // After a 410 all further messages fail in the same way.
      const isKnown = isRemoved && settled.reason?.code === "source_removed";
      isRemoved ||= settled.reason?.code === "source_removed";
      if (!values.json && !isKnown) tell(settled, messages);
    }
  } finally {
    interrupted.end();
  }
  const posted = results.filter((result) => result?.status === "fulfilled").length;
  const failed = results.length - posted;
  if (values.json)
    printJson({ posted, failed, results: results.map((result, index) => entry(result, messages[index])) });
  else if (messages.length !== 1) print(`${posted} posted, ${failed} failed`);
  return interrupted.exitCode() ?? (failed === 0 ? 0 : 1);
}

/**
 * Says what became of a message.
 *
 * @param {Settled} settled
 * @param {Given[]} messages
 */
function tell({ index, status, value, reason }, messages) {
  const where = messages.length === 1 ? "" : `${whereOf(messages[index])}: `;
  if (status === "fulfilled") {
    const twice = value.maybeDuplicate ? "; it may have been stored twice" : "";
    print(`${where}${painter(process.stdout)("green", value.kind)}, uuid ${plain(value.uuid)}${twice}`);
  } else {
    const nothing = reason.code === "aborted" && !reason.maybeDuplicate ? "; the message was not stored" : "";
    note(`${where}${painter(process.stderr)("red", "error")} ${described(reason)}${nothing}`);
  }
}

/** @param {{ attempt: number, waitMs: number, error: Error }} event */
function tellRetry({ attempt, waitMs, error }) {
  note(`request ${attempt} failed: ${plain(error.message)}; the next one in ${(waitMs / 1000).toFixed(1)} s`);
}

/**
 * The result of a message for `--json`.
 *
 * @param {Settled | undefined} settled
 * @param {Given} given
 */
function entry(settled, given) {
  const { violations } = given.report;
  const place = { ...placeOf(given), ...(violations.length > 0 && { violations }) };
  if (!settled) return { ...place, status: "not_sent" };
  if (settled.status === "fulfilled") {
    // Without the message as the server stored it, in which the server may repeat a token.
    const { message: _, ...value } = settled.value;
    return { ...place, status: "posted", ...value };
  }
  return { ...place, status: "failed", error: asJson(settled.reason) };
}
