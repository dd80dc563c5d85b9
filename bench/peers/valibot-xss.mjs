// The peer valibot with js-xss for the HTML.

import * as v from "valibot";
import * as rules from "../rules.mjs";
import { InvalidMessage } from "./support/invalid-message.mjs";
import { xssCheck } from "./support/xss.mjs";

export const name = "valibot + xss";

const title = v.check(xssCheck(rules.TITLE_HTML), "is HTML that a title does not allow");
const body = v.check(xssCheck(rules.BODY_HTML), "is HTML that a body does not allow");

const nonBlank = v.regex(rules.NON_BLANK, "can't be blank");
const text = v.pipe(v.string(), nonBlank);
const url = v.pipe(v.string(), v.regex(rules.HTTP_URL, "must be an absolute http or https URL"));
const email = v.pipe(v.string(), v.regex(rules.EMAIL, "must be an e-mail address"));
const titleHtml = v.pipe(v.string(), title);
const requiredTitle = v.pipe(v.string(), nonBlank, title);
const bodyHtml = v.nullish(v.pipe(v.string(), body));

const viewAction = v.looseObject({
  "@type": v.literal("ViewAction"),
  name: text,
  url,
  description: v.optional(v.string()),
  image: v.optional(url),
});
const updateAction = v.looseObject({
  "@type": v.literal("UpdateAction"),
  name: text,
  target: v.looseObject({
    "@type": v.literal("EntryPoint"),
    urlTemplate: v.pipe(v.string(), v.check(rules.isUrlTemplate, "must be an absolute http or https URL")),
    httpMethod: v.picklist(rules.HTTP_METHODS),
  }),
});
const thread = v.looseObject({
  title: requiredTitle,
  body: bodyHtml,
  external_url: v.nullish(url),
  status: v.nullish(v.looseObject({ value: text, color: v.optional(v.picklist(rules.COLORS)) })),
  fields: v.nullish(v.array(v.looseObject({ label: requiredTitle, value: v.optional(titleHtml) }))),
  actions: v.nullish(v.array(v.variant("@type", [viewAction, updateAction]))),
});
const person = { avatar: v.optional(url), email: v.optional(email) };
const common = {
  flow_token: v.optional(v.pipe(v.string(), v.regex(rules.NO_SPACE, "must not contain white space"))),
  thread_id: v.optional(text),
  external_thread_id: v.optional(text),
  tags: v.optional(v.union([v.string(), v.array(v.string())])),
  uuid: v.optional(text),
};
const idsAgree = v.check(rules.idsAgree, "either all have an id or none");
const about = {
  ...common,
  title: requiredTitle,
  body: bodyHtml,
  author: v.looseObject({ name: text, ...person }),
  thread,
  attachments: v.optional(v.pipe(v.array(v.looseObject({})), idsAgree)),
};
const userName = v.regex(rules.USER_NAME, "must have 1 to 16 characters and no white space");
const chat = {
  ...common,
  content: v.pipe(v.string(), v.regex(rules.CONTENT, "must have 1 to 8096 characters")),
  author: v.optional(v.looseObject({ name: v.optional(text), ...person })),
  thread: v.optional(thread),
  external_user_name: v.optional(v.pipe(v.string(), userName)),
};
const message = (event, keys) => v.looseObject({ event: v.literal(event), ...keys });
const schema = v.pipe(
  v.variant("event", [message("activity", about), message("discussion", about), message("message", chat)]),
  // The check also runs if there are other violations, because the peer must list all of them.
  v.rawCheck(({ dataset, addIssue }) => {
    const { value } = dataset;
    if (typeof value === "object" && value !== null && !rules.namesThread(value)) {
      addIssue({ message: "one of thread_id and external_thread_id is required" });
    }
  }),
);

export const validate = (message) => v.safeParse(schema, message).issues ?? [];

export function encode(message) {
  if (!v.safeParse(schema, message).success) throw new InvalidMessage();
  return JSON.stringify(message);
}

export const pathOf = ({ path = [] }) => path.map(({ key }) => `/${key}`).join("");
