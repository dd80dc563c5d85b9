// Makes a message of the options of the command, with defaults for all but its title or content.

import { userInfo } from "node:os";
import process from "node:process";
import { activity, chatMessage, discussion, escapeHtml, FlowdockError, validate } from "flowdock-integration";
import { readText } from "./read.js";
import { WrongUse } from "./wrong-use.js";

const BUILDERS = /** @type {Record<string, (parts: any, options: object) => object>} */ ({
  activity,
  discussion,
  message: chatMessage,
});

/** The file name that reports show for a message that options describe. */
export const OPTIONS = "<options>";

/** The options that describe a message. */
export const MESSAGE_OPTIONS = /** @type {import("./arguments.js").Options} */ ({
  title: { value: "html", help: "what happened, in a few words" },
  body: { value: "html", help: "the details; - reads them from standard input" },
  content: { value: "text", help: "the text of a chat message; - reads it from standard input" },
  event: { value: "event", help: "activity, discussion or message; with --content the default is message" },
  author: { value: "name", help: "who did it; default: who started the CI job, or your user name" },
  "author-email": { value: "address", help: "the author's e-mail address" },
  "author-avatar": { value: "url", help: "the author's picture" },
  "thread-title": { value: "html", help: "what the item is called; default: its id, or the title" },
  "thread-body": { value: "html", help: "what the item is about" },
  "external-thread-id": { value: "id", help: "the item's id in your service; default: the thread's title" },
  "thread-id": { value: "id", help: "Flowdock's own id of a thread that exists" },
  status: { value: "value[:colour]", help: "the item's status, such as open:green" },
  field: { value: "label=value", multiple: true, help: "a field of the item" },
  link: { value: "url", help: "where the item is found" },
  tag: { value: "tag", multiple: true, help: "a tag" },
  uuid: { value: "uuid", help: "the message's own id, to post it again" },
  text: { help: "the values are plain text, not HTML: escape them" },
});

/** The environment variables in which CI services name who started a job. */
const CI_AUTHORS = [
  "GITHUB_ACTOR",
  "GITLAB_USER_NAME",
  "CIRCLE_USERNAME",
  "BUILDKITE_BUILD_CREATOR",
  "BUILD_REQUESTEDFOR",
];

/**
 * Whether one of the options describes a message.
 *
 * @param {object} values
 */
export function describesMessage(values) {
  return Object.keys(values).some((name) => Object.hasOwn(MESSAGE_OPTIONS, name));
}

/**
 * @param {Record<string, any>} values The options.
 * @returns {Promise<import("./json-messages.js").Given>}
 */
export async function optionMessage(values) {
  const event = values.event ?? (values.content === undefined ? "activity" : "message");
  if (!Object.hasOwn(BUILDERS, event)) throw new WrongUse("--event must be activity, discussion or message");
  const parts = { ...(await textsOf(values)), ...threadOf(values, event), author: authorOf(values) };
  const { message, report } = build(BUILDERS[event], parts);
  // No thread was given for a chat message, so the warning about it is noise.
  const violations = report.violations.filter(
    ({ code, severity }) => code !== "required_one_of" || severity === "error",
  );
  return { name: OPTIONS, message, report: { ...report, violations } };
}

/**
 * @param {(parts: any, options: object) => object} builder
 * @param {object} parts
 */
function build(builder, parts) {
  // `threadOf` has decided whether a thread is sent, so the check need not require one.
  const options = { thread: /** @type {const} */ ("optional") };
  try {
    const message = builder(parts, options);
    return { message, report: validate(message, options) };
  } catch (error) {
    if (!(error instanceof FlowdockError && error.violations)) throw error;
    return { message: undefined, report: { valid: false, violations: error.violations } };
  }
}

/** @param {Record<string, any>} values */
async function textsOf({ title, body, content, tag, uuid, text }) {
  const inBody = htmlOf(text, "<br>");
  return {
    title: htmlOf(text)(title),
    body: inBody(await whole(body)),
    content: await whole(content),
    tags: tag?.join(),
    uuid,
  };
}

/**
 * The thread of the message. Its id and its title stand in for each other, so that messages about one item meet in one thread.
 *
 * @param {Record<string, any>} values
 * @param {string} event
 */
function threadOf(values, event) {
  const { "thread-title": title, "thread-body": body, "external-thread-id": id, "thread-id": ownId } = values;
  const { status, field, link, text } = values;
  const isDescribed = [title, body, status, field, link].some((value) => value !== undefined);
  const isOptional = ownId !== undefined || values.thread === "optional" || event === "message";
  // A thread that is found by its own id exists: it needs no other id, and the title of a message is not its title.
  const name = ownId === undefined ? (title ?? values.title) : title;
  const needsNoId = ownId !== undefined || (event === "message" && !isDescribed);
  const ids = { thread_id: ownId, external_thread_id: id ?? (needsNoId ? undefined : name) };
  if (isOptional && !isDescribed) return ids;
  const html = htmlOf(text);
  const thread = {
    title: title === undefined && id !== undefined ? escapeHtml(id) : html(name),
    body: htmlOf(text, "<br>")(body),
    external_url: link,
    status: statusOf(status),
    fields: field?.map(fieldOf(html)),
  };
  return { ...ids, thread };
}

/** @param {Record<string, any>} values */
function authorOf({ author, "author-email": email, "author-avatar": avatar }) {
  return { name: author ?? userName(), email, avatar };
}

function userName() {
  const inCi = CI_AUTHORS.map((name) => process.env[name]).find((value) => value?.trim());
  if (inCi) return inCi;
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have no name.
    return process.env.USER || process.env.USERNAME || "flowdock-integration";
  }
}

/** @param {string | undefined} status */
function statusOf(status) {
  const [, value, colour] = /^(.*):([a-z]+)$/is.exec(status ?? "") ?? [];
  return colour === undefined ? status : [value, colour];
}

/** @param {(text: string) => string | undefined} html */
function fieldOf(html) {
  return (/** @type {string} */ field) => {
    const index = field.indexOf("=");
    if (index < 0) throw new WrongUse("--field needs a label and a value: --field Dustiness=5");
    return { label: html(field.slice(0, index)), value: html(field.slice(index + 1)) };
  };
}

/**
 * A function for the values that hold HTML, which escapes them if they are plain text.
 *
 * @param {boolean | undefined} isText
 * @param {string} [lineEnd] What becomes of the end of a line in plain text. A title allows no `br`.
 */
function htmlOf(isText, lineEnd = " ") {
  return (/** @type {string | undefined} */ text) =>
    isText && text !== undefined ? escapeHtml(text).replace(/\r?\n/g, lineEnd) : text;
}

/**
 * Reads a value from standard input if it is `-`.
 *
 * @param {string | undefined} value
 */
async function whole(value) {
  return value === "-" ? (await readText("-")).replace(/\r?\n$/, "") : value;
}
