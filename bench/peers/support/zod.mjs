// The rules as a zod schema. The caller provides the checks of HTML.

import * as z from "zod";
import * as rules from "../../rules.mjs";
import { InvalidMessage } from "./invalid-message.mjs";

export function zodPeer(name, { title, body }) {
  const schema = messageSchema(title, body);
  return {
    name,
    validate: (message) => schema.safeParse(message).error?.issues ?? [],
    encode(message) {
      if (!schema.safeParse(message).success) throw new InvalidMessage();
      return JSON.stringify(message);
    },
    pathOf: ({ path }) => path.map((key) => `/${key}`).join(""),
  };
}

function messageSchema(title, body) {
  const text = z.string().regex(rules.NON_BLANK, "can't be blank");
  const url = z.string().regex(rules.HTTP_URL, "must be an absolute http or https URL");
  const titleHtml = z.string().refine(title, "is HTML that a title does not allow");
  const requiredTitle = text.refine(title, "is HTML that a title does not allow");
  const bodyHtml = z.string().refine(body, "is HTML that a body does not allow").nullish();

  const viewAction = z.looseObject({
    "@type": z.literal("ViewAction"),
    name: text,
    url,
    description: z.string().optional(),
    image: url.optional(),
  });
  const updateAction = z.looseObject({
    "@type": z.literal("UpdateAction"),
    name: text,
    target: z.looseObject({
      "@type": z.literal("EntryPoint"),
      urlTemplate: z.string().refine(rules.isUrlTemplate, "must be an absolute http or https URL"),
      httpMethod: z.enum(rules.HTTP_METHODS),
    }),
  });
  const thread = z.looseObject({
    title: requiredTitle,
    body: bodyHtml,
    external_url: url.nullish(),
    status: z.looseObject({ value: text, color: z.enum(rules.COLORS).optional() }).nullish(),
    fields: z.array(z.looseObject({ label: requiredTitle, value: titleHtml.optional() })).nullish(),
    actions: z.array(z.discriminatedUnion("@type", [viewAction, updateAction])).nullish(),
  });
  const email = z.string().regex(rules.EMAIL, "must be an e-mail address");
  const person = { avatar: url.optional(), email: email.optional() };
  const common = {
    flow_token: z.string().regex(rules.NO_SPACE, "must not contain white space").optional(),
    thread_id: text.optional(),
    external_thread_id: text.optional(),
    tags: z.union([z.string(), z.array(z.string())]).optional(),
    uuid: text.optional(),
  };
  const about = {
    ...common,
    title: requiredTitle,
    body: bodyHtml,
    author: z.looseObject({ name: text, ...person }),
    thread,
    attachments: z.array(z.looseObject({})).refine(rules.idsAgree, "either all have an id or none").optional(),
  };
  const chat = {
    ...common,
    content: z.string().regex(rules.CONTENT, "must have 1 to 8096 characters"),
    author: z.looseObject({ name: text.optional(), ...person }).optional(),
    thread: thread.optional(),
    external_user_name: z.string().regex(rules.USER_NAME, "must have 1 to 16 characters and no white space").optional(),
  };
  const message = (event, keys) =>
    z.looseObject({ event: z.literal(event), ...keys }).refine(rules.namesThread, {
      error: "one of thread_id and external_thread_id is required",
      // The check also runs if there are other violations, because the peer must list all of them.
      when: () => true,
    });
  return z.discriminatedUnion("event", [
    message("activity", about),
    message("discussion", about),
    message("message", chat),
  ]);
}
