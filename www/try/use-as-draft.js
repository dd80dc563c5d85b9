// Makes a draft of a message that the inbox has stored.

import { messageSchema } from "flowdock-integration";
import { tagsOf } from "../inbox/message.js";
import { go } from "../page/address.js";
import { draftOf, replaceDraft } from "./draft.js";
import { EVENTS, eventOf } from "./events.js";
import { isEmpty, isObject } from "./pointer.js";

/** @import { JsonObject } from "./pointer.js" */

/** The keys that a message and a thread can have, by the schema. @type {JsonObject} */
const { $defs } = messageSchema;

/** Keys that a poster can write, but that belong to one post: another post with them would be the same one. */
const OF_ONE_POST = ["flow_token", "uuid", "attachments"];

/**
 * Makes a stored message the draft, and opens it. What the server added is left out.
 *
 * @param {JsonObject} message
 */
export function useAsDraft(message) {
  go({ view: "try" });
  replaceDraft(draftOf(asWritten(message)), "The draft is now the message from the inbox.");
}

/**
 * The message as its poster could have written it.
 *
 * @param {JsonObject} message
 */
function asWritten(message) {
  // A message with another event can be posted as a chat message only.
  const { value: event, type } = eventOf(message.event) ?? EVENTS[2];
  const written = known({ ...message, event, tags: tagsOf(message.tags) }, type);
  if (isObject(message.thread)) written.thread = known(message.thread, "Thread");
  // The poster's own id says which thread it is. The server's id is good only where there is no other.
  if (written.external_thread_id !== undefined) delete written.thread_id;
  for (const key of OF_ONE_POST) delete written[key];
  return written;
}

/**
 * The keys of an object that a type of the schema has, without those that are empty.
 *
 * @param {JsonObject} object
 * @param {string} type
 * @returns {JsonObject}
 */
function known(object, type) {
  const { properties } = $defs[type];
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => {
      const isBlank =
        value === null || value === undefined || isEmpty(value) || (Array.isArray(value) && value.length === 0);
      return Object.hasOwn(properties, key) && !isBlank;
    }),
  );
}
