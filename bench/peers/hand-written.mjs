// The hand-written peer: code that a careful developer would write for exactly these rules. It lists the violations, then calls JSON.stringify.

import * as rules from "../rules.mjs";
import { htmlCheck } from "./support/hand-written-html.mjs";
import { InvalidMessage } from "./support/invalid-message.mjs";

export const name = "hand-written";

const titleHtml = htmlCheck(rules.TITLE_HTML);
const bodyHtml = htmlCheck(rules.BODY_HTML);

const BLANK = "can't be blank";
const URL = "must be an absolute http or https URL";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isBlank = (text) => !rules.NON_BLANK.test(text);

export function validate(message) {
  const violations = [];
  const add = (path, message) => violations.push({ path, message });
  if (!isObject(message)) {
    add("", "must be an object");
    return violations;
  }

  const { event } = message;
  if (!rules.EVENTS.includes(event)) add("/event", `must be one of ${rules.EVENTS.join(", ")}`);
  optionalText(message.flow_token, "/flow_token", add, rules.NO_SPACE, "must not contain white space");
  optionalText(message.uuid, "/uuid", add, rules.NON_BLANK, BLANK);
  tags(message.tags, add);
  if (rules.namesThread(message)) {
    optionalText(message.thread_id, "/thread_id", add, rules.NON_BLANK, BLANK);
    optionalText(message.external_thread_id, "/external_thread_id", add, rules.NON_BLANK, BLANK);
  } else {
    add("", "one of thread_id and external_thread_id is required");
  }
  if (event === "message") chat(message, add);
  else about(message, add);
  return violations;
}

export function encode(message) {
  if (validate(message).length > 0) throw new InvalidMessage();
  return JSON.stringify(message);
}

export const pathOf = ({ path }) => path;

/** Checks an activity or a discussion. */
function about(message, add) {
  requiredHtml(message.title, "/title", add);
  optionalBody(message.body, "/body", add);
  if (message.author === undefined || message.author === null) add("/author/name", BLANK);
  else if (person(message.author, add)) requiredText(message.author.name, "/author/name", add);
  if (message.thread === undefined || message.thread === null) add("/thread", BLANK);
  else thread(message.thread, add);
  const { attachments } = message;
  if (attachments === undefined) return;
  if (!Array.isArray(attachments)) {
    add("/attachments", "must be an array");
    return;
  }
  for (let index = 0; index < attachments.length; index += 1) {
    if (!isObject(attachments[index])) add(`/attachments/${index}`, "must be an object");
  }
  if (!rules.idsAgree(attachments)) add("/attachments", "either all have an id or none");
}

/** Checks a chat message. */
function chat(message, add) {
  const { content, author } = message;
  if (typeof content !== "string") add("/content", "must be a string");
  else if (!rules.CONTENT.test(content)) add("/content", "must have 1 to 8096 characters");
  if (author !== undefined && person(author, add)) {
    optionalText(author.name, "/author/name", add, rules.NON_BLANK, BLANK);
  }
  if (message.thread !== undefined) thread(message.thread, add);
  const wanted = "must have 1 to 16 characters and no white space";
  optionalText(message.external_user_name, "/external_user_name", add, rules.USER_NAME, wanted);
}

function person(author, add) {
  if (!isObject(author)) {
    add("/author", "must be an object");
    return false;
  }
  optionalText(author.avatar, "/author/avatar", add, rules.HTTP_URL, URL);
  optionalText(author.email, "/author/email", add, rules.EMAIL, "must be an e-mail address");
  return true;
}

function tags(tags, add) {
  if (tags === undefined || typeof tags === "string") return;
  if (!Array.isArray(tags)) {
    add("/tags", "must be an array of strings or a string with commas");
    return;
  }
  for (let index = 0; index < tags.length; index += 1) {
    if (typeof tags[index] !== "string") add(`/tags/${index}`, "must be a string");
  }
}

function thread(thread, add) {
  if (!isObject(thread)) {
    add("/thread", "must be an object");
    return;
  }
  const { external_url: url, status, fields, actions } = thread;
  requiredHtml(thread.title, "/thread/title", add);
  optionalBody(thread.body, "/thread/body", add);
  if (url !== null) optionalText(url, "/thread/external_url", add, rules.HTTP_URL, URL);
  if (isObject(status)) {
    requiredText(status.value, "/thread/status/value", add);
    if (status.color !== undefined && !rules.COLORS.includes(status.color)) {
      add("/thread/status/color", `must be one of ${rules.COLORS.join(", ")}`);
    }
  } else if (status !== undefined && status !== null) {
    add("/thread/status", "must be an object");
  }
  each(fields, "/thread/fields", add, field);
  each(actions, "/thread/actions", add, action);
}

function field(field, path, add) {
  // The path is built only when there is a violation.
  if (!keepsTitle(field.label)) requiredHtml(field.label, `${path()}/label`, add);
  const { value } = field;
  if (value === undefined) return;
  if (typeof value !== "string") add(`${path()}/value`, "must be a string");
  else if (!titleHtml(value)) add(`${path()}/value`, "is HTML that a title does not allow");
}

function action(action, path, add) {
  const type = action["@type"];
  if (type !== "ViewAction" && type !== "UpdateAction") {
    add(`${path()}/@type`, "must be ViewAction or UpdateAction");
    return;
  }
  if (!isText(action.name)) add(`${path()}/name`, BLANK);
  if (type === "ViewAction") {
    if (!isUrl(action.url)) add(`${path()}/url`, URL);
    const { description, image } = action;
    if (description !== undefined && typeof description !== "string") add(`${path()}/description`, "must be a string");
    if (image !== undefined && !isUrl(image)) add(`${path()}/image`, URL);
    return;
  }
  const { target } = action;
  if (!isObject(target)) {
    add(`${path()}/target`, "must be an object");
    return;
  }
  if (target["@type"] !== "EntryPoint") add(`${path()}/target/@type`, "must be EntryPoint");
  const { urlTemplate, httpMethod } = target;
  if (typeof urlTemplate !== "string" || !rules.isUrlTemplate(urlTemplate)) add(`${path()}/target/urlTemplate`, URL);
  if (!rules.HTTP_METHODS.includes(httpMethod)) {
    add(`${path()}/target/httpMethod`, `must be one of ${rules.HTTP_METHODS.join(", ")}`);
  }
}

// ---- values ----

const isText = (value) => typeof value === "string" && !isBlank(value);
const isUrl = (value) => typeof value === "string" && rules.HTTP_URL.test(value);
const keepsTitle = (value) => isText(value) && titleHtml(value);

function requiredText(value, path, add) {
  if (value === undefined || value === null) add(path, BLANK);
  else if (typeof value !== "string") add(path, "must be a string");
  else if (isBlank(value)) add(path, BLANK);
}

function requiredHtml(value, path, add) {
  if (!isText(value)) requiredText(value, path, add);
  else if (!titleHtml(value)) add(path, "is HTML that a title does not allow");
}

function optionalBody(value, path, add) {
  if (value === undefined || value === null) return;
  if (typeof value !== "string") add(path, "must be a string");
  else if (!bodyHtml(value)) add(path, "is HTML that a body does not allow");
}

function optionalText(value, path, add, pattern, wanted) {
  if (value === undefined) return;
  if (typeof value !== "string") add(path, "must be a string");
  else if (!pattern.test(value)) add(path, wanted);
}

function each(list, path, add, check) {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) {
    add(path, "must be an array");
    return;
  }
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    const itsPath = () => `${path}/${index}`;
    if (isObject(item)) check(item, itsPath, add);
    else add(itsPath(), "must be an object");
  }
}
