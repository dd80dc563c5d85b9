// The rules as a JSON Schema for ajv. The formats are in another file, because the code that is compiled ahead of time must import them.

import * as rules from "../../rules.mjs";
import { InvalidMessage } from "./invalid-message.mjs";

const text = { type: "string", format: "nonBlank" };
const url = { type: "string", format: "httpUrl" };
const orNull = (schema) => ({ ...schema, nullable: true });

const object = (required, properties) => ({ type: "object", required, properties });

const tagged = (propertyName, types) => ({
  type: "object",
  discriminator: { propertyName },
  required: [propertyName],
  oneOf: Object.entries(types).map(([value, { required, properties, ...more }]) => ({
    required,
    properties: { [propertyName]: { const: value }, ...properties },
    ...more,
  })),
});

const action = tagged("@type", {
  ViewAction: object(["name", "url"], { name: text, url, description: { type: "string" }, image: url }),
  UpdateAction: object(["name", "target"], {
    name: text,
    target: object(["@type", "urlTemplate", "httpMethod"], {
      "@type": { const: "EntryPoint" },
      urlTemplate: { type: "string", format: "urlTemplate" },
      httpMethod: { enum: rules.HTTP_METHODS },
    }),
  }),
});
const thread = object(["title"], {
  title: { type: "string", format: "requiredTitle" },
  body: orNull({ type: "string", format: "body" }),
  external_url: orNull(url),
  status: orNull(object(["value"], { value: text, color: { enum: rules.COLORS } })),
  fields: orNull({
    type: "array",
    items: object(["label"], {
      label: { type: "string", format: "requiredTitle" },
      value: { type: "string", format: "title" },
    }),
  }),
  actions: orNull({ type: "array", items: action }),
});

const person = { avatar: url, email: { type: "string", format: "email" } };
// The rules treat null and blank values as missing.
const missing = { anyOf: [{ type: "null" }, { type: "string", format: "blank" }] };
const withId = { required: ["id"], not: { properties: { id: missing } } };

const common = {
  flow_token: { type: "string", format: "noSpace" },
  thread_id: text,
  external_thread_id: text,
  tags: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  uuid: text,
};
const about = {
  required: ["title", "author", "thread"],
  properties: {
    ...common,
    title: { type: "string", format: "requiredTitle" },
    body: orNull({ type: "string", format: "body" }),
    author: object(["name"], { name: text, ...person }),
    thread,
    attachments: {
      type: "array",
      items: { type: "object" },
      not: { allOf: [{ contains: withId }, { contains: { not: withId } }] },
    },
  },
};
const chat = {
  required: ["content"],
  properties: {
    ...common,
    content: { type: "string", format: "content" },
    author: object([], { name: text, ...person }),
    thread,
    external_user_name: { type: "string", format: "userName" },
  },
};
const namesThread = { not: { properties: { thread_id: missing, external_thread_id: missing } } };

export const schema = {
  $id: "message",
  ...tagged("event", {
    activity: { ...about, ...namesThread },
    discussion: { ...about, ...namesThread },
    message: { ...chat, ...namesThread },
  }),
};

/** The option `strict` is off, because the schema states `type` only once and not in each combined part. */
export const options = { allErrors: true, discriminator: true, strict: false };

/** Makes a peer from a compiled schema. */
export const ajvPeer = (name, check) => ({
  name,
  validate: (message) => (check(message) ? [] : check.errors),
  encode(message) {
    if (!check(message)) throw new InvalidMessage();
    return JSON.stringify(message);
  },
  pathOf: ({ instancePath, params }) =>
    params.missingProperty === undefined ? instancePath : `${instancePath}/${params.missingProperty}`,
});
