// The inputs of the form that are always there, as a table: where each value stands in the message, and which events have it.

import { EVENTS } from "./events.js";

/**
 * @typedef FormField
 * @property {string} id
 * @property {string} label
 * @property {string} key The key as it stands in a message, shown beside the label.
 * @property {string} path The JSON Pointer of the value.
 * @property {readonly string[]} events
 * @property {"input" | "title" | "body" | "multiline" | "tags" | "color"} kind `title` and `body` are HTML.
 * @property {string} [hint]
 * @property {"email" | "url"} [inputmode]
 * @property {boolean} [isHalf] Whether it needs only half of a line.
 */

const all = EVENTS.map(({ value }) => value);
const titled = all.filter((event) => event !== "message");

/** @type {readonly FormField[]} */
export const MESSAGE_FIELDS = [
  { id: "title", label: "What happened", key: "title", path: "/title", events: titled, kind: "title" },
  { id: "body", label: "Details, as HTML", key: "body", path: "/body", events: titled, kind: "body" },
  {
    id: "content",
    label: "Chat message, plain text",
    key: "content",
    path: "/content",
    events: ["message"],
    kind: "multiline",
  },
  {
    id: "author-name",
    label: "Author",
    key: "author.name",
    path: "/author/name",
    events: all,
    kind: "input",
    isHalf: true,
  },
  {
    id: "author-email",
    label: "E-mail",
    key: "author.email",
    path: "/author/email",
    events: all,
    kind: "input",
    inputmode: "email",
    isHalf: true,
  },
  {
    id: "author-avatar",
    label: "Picture of the author",
    key: "author.avatar",
    path: "/author/avatar",
    events: all,
    kind: "input",
    inputmode: "url",
  },
  {
    id: "external-thread-id",
    label: "External thread id",
    key: "external_thread_id",
    path: "/external_thread_id",
    events: all,
    kind: "input",
    hint: "Your own id for this thread",
  },
  {
    id: "tags",
    label: "Tags",
    key: "tags",
    path: "/tags",
    events: all,
    kind: "tags",
    hint: "Separated by commas",
  },
];

/** @type {readonly FormField[]} */
export const THREAD_FIELDS = [
  {
    id: "thread-title",
    label: "Thread title",
    key: "thread.title",
    path: "/thread/title",
    events: all,
    kind: "title",
  },
  {
    id: "thread-body",
    label: "Description, as HTML",
    key: "thread.body",
    path: "/thread/body",
    events: all,
    kind: "body",
  },
  {
    id: "external-url",
    label: "Link",
    key: "thread.external_url",
    path: "/thread/external_url",
    events: all,
    kind: "input",
    inputmode: "url",
  },
  {
    id: "status-value",
    label: "Status",
    key: "status.value",
    path: "/thread/status/value",
    events: all,
    kind: "input",
    isHalf: true,
  },
  {
    id: "status-color",
    label: "Colour",
    key: "status.color",
    path: "/thread/status/color",
    events: all,
    kind: "color",
    isHalf: true,
  },
];

export const FIELDS = [...MESSAGE_FIELDS, ...THREAD_FIELDS];
