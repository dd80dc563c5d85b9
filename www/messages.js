// Shows one message in its thread: who wrote it, what, and when.

import { el, shortTime, webUrl } from "./dom.js";
import { fileList, filesOf, isPicture, showPicture } from "./files.js";
import { bodyNodes, titleNodes } from "./message-html.js";

/** @import { InboxFile } from "./files.js" */
/** @import { InboxThread } from "./threads.js" */

/**
 * A message as the inbox stores it.
 *
 * @typedef InboxMessage
 * @property {number} id
 * @property {string} event
 * @property {{ name?: string, avatar?: string, email?: string } | null} [author]
 * @property {string} [external_user_name]
 * @property {string} [user] The id of the user who wrote it; "0" if no user did.
 * @property {unknown} [title]
 * @property {unknown} [body]
 * @property {unknown} [content]
 * @property {unknown} [tags]
 * @property {unknown} [attachments]
 * @property {string | null} [thread_id]
 * @property {InboxThread} [thread]
 * @property {string | number} [created_at]
 * @property {string | number} [sent]
 */

/** The user id of the owner. */
const OWNER = "1";

/** @param {InboxMessage} message */
export function messageItem(message) {
  const { id, event, author, title, body, content, external_user_name: userName, user } = message;
  const isChat = event === "message";
  const files = filesOf(message);
  /** @type {Set<InboxFile | undefined>} */
  const inBody = new Set();
  /** @type {import("./message-html.js").Attached} */
  const attached = (id, picture) => {
    const file = files.find((one) => one.content_id === id && isPicture(one));
    if (file) showPicture(picture, file);
    inBody.add(file);
    return file;
  };
  const name = author?.name || userName || (user === OWNER ? "Owner" : "Somebody");
  return el(
    "li",
    { "data-message-id": id, "data-event": event },
    avatar(name, author?.avatar),
    el(
      "div",
      { class: "said" },
      el(
        "p",
        { class: "line" },
        el("span", {}, el("b", { title: author?.email }, name), isChat ? null : [" ", ...titleNodes(title)]),
        el("span", { class: "meta" }, el("small", {}, event), shortTime(message.created_at ?? message.sent)),
      ),
      isChat ? el("p", { class: "content" }, String(content ?? "")) : null,
      !isChat && body ? el("div", { class: "html" }, bodyNodes(body, attached)) : null,
      fileList(files.filter((file) => !inBody.has(file))),
      tags(message.tags),
    ),
  );
}

/**
 * Shows an author's picture over the initial of the name. The initial is visible if there is no picture or it does not load.
 *
 * @param {string} name
 * @param {unknown} url
 */
function avatar(name, url) {
  const box = el("span", { class: "avatar", "aria-hidden": "true" }, [...name][0].toUpperCase());
  const src = webUrl(url);
  if (src) {
    const error = () => {
      picture.remove();
    };
    const picture = el("img", { alt: "", loading: "lazy", referrerpolicy: "no-referrer", error, src });
    box.append(picture);
  }
  return box;
}

/**
 * Shows the tags of a message, except those with a colon, which the server adds for itself.
 *
 * @param {unknown} list
 */
function tags(list) {
  const shown = (Array.isArray(list) ? list : []).filter((tag) => typeof tag === "string" && !tag.includes(":"));
  if (shown.length === 0) return null;
  return el(
    "p",
    { class: "tags" },
    shown.map((tag) => el("span", {}, tag.startsWith("@") ? tag : `#${tag}`)),
  );
}
