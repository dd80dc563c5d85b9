// Shows one message in its thread. An activity is one line, a discussion or a chat message stands in a bubble.

import { bodyNodes, titleNodes } from "../page/message-html.js";
import { html, nothing, styles } from "../page/render.js";
import { webUrl } from "../page/text.js";
import { hour } from "../page/time.js";
import { initial, tint } from "../page/tint.js";
import { fileList, filesOf, isPicture, showPicture } from "./files.js";

/** @import { InboxFile } from "./files.js" */
/** @import { InboxThread } from "./thread-state.js" */
/** @import { View } from "../page/render.js" */

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

/**
 * The views of messages. A stored message does not change, so it is drawn once. lit-html then leaves its elements alone.
 *
 * @type {WeakMap<InboxMessage, View>}
 */
const drawn = new WeakMap();

/** What can be done with a stored message. @type {(message: InboxMessage) => View} */
let menuOf = () => nothing;

/**
 * Adds buttons to each stored message from now on.
 *
 * @param {(message: InboxMessage) => View} menu
 */
export function offerForMessages(menu) {
  menuOf = menu;
}

/**
 * Shows a stored message.
 *
 * @param {InboxMessage} message
 */
export function storedMessageView(message) {
  const view = drawn.get(message) ?? viewOrNote(message);
  drawn.set(message, view);
  return view;
}

/** One message that cannot be drawn must not hide the others. @param {InboxMessage} message */
function viewOrNote(message) {
  try {
    return messageView(message, menuOf(message));
  } catch (error) {
    console.error(error);
    return html`<li class="message" data-message-id=${message.id}>This message cannot be shown.</li>`;
  }
}

/**
 * Shows a message, stored or not yet posted.
 *
 * @param {Partial<InboxMessage> & { event: string }} message
 * @param {View} [menu] Buttons behind its first line.
 */
export function messageView(message, menu = nothing) {
  const { id, event, author, title, body, content } = message;
  const isChat = event === "message";
  const files = filesOf(message);
  /** @type {Set<InboxFile | undefined>} */
  const inBody = new Set();
  /** @type {import("../page/message-html.js").Attached} */
  const attached = (cid, picture) => {
    const file = files.find((one) => one.content_id === cid && isPicture(one));
    if (file) showPicture(picture, file);
    inBody.add(file);
    return file;
  };
  const name = authorName(message);
  const words = isChat ? nothing : html`<span class="title" dir="auto">${titleNodes(title)}</span>`;
  const bodyView = !isChat && body ? html`<div class="html" dir="auto">${bodyNodes(body, attached)}</div>` : nothing;
  const isLine = event === "activity" && !body && files.length === 0;
  return html`<li class="message" data-message-id=${id ?? nothing} data-event=${event} ?data-line=${isLine}>
    ${avatar(name, author?.avatar)}
    <div class="said">
      <p class="line"><b title=${author?.email ?? nothing} dir="auto">${name}</b> ${words} ${hour(message.created_at ?? message.sent)}${menu}</p>
      ${isChat ? html`<p class="content" dir="auto">${String(content ?? "")}</p>` : nothing}
      ${bodyView}
      ${fileList(files.filter((file) => !inBody.has(file)))}
      ${tagList(message.tags)}
    </div>
  </li>`;
}

/**
 * The name to show for the author of a message.
 *
 * @param {Partial<InboxMessage>} message
 */
export const authorName = ({ author, external_user_name: userName, user }) =>
  author?.name || userName || (user === OWNER ? "Owner" : "Somebody");

/**
 * The tags of a message, without those with a colon, which the server adds for itself.
 *
 * @param {unknown} tags
 * @returns {string[]}
 */
export const tagsOf = (tags) =>
  (Array.isArray(tags) ? tags : []).filter((tag) => typeof tag === "string" && !tag.includes(":"));

/**
 * Shows an author's picture over the initial of the name. The initial is visible if there is no picture or it does not load.
 *
 * @param {string} name
 * @param {unknown} url
 */
function avatar(name, url) {
  const src = webUrl(url);
  const removed = (/** @type {Event} */ { target }) => /** @type {Element} */ (target).setAttribute("hidden", "");
  const picture = src
    ? html`<img alt="" loading="lazy" referrerpolicy="no-referrer" @error=${removed} src=${src}>`
    : nothing;
  return html`<span class="avatar" aria-hidden="true" ${styles(tint(name))}>${initial(name)}${picture}</span>`;
}

/** @param {unknown} tags */
function tagList(tags) {
  const shown = tagsOf(tags);
  if (shown.length === 0) return nothing;
  return html`<p class="tags">${shown.map((tag) => html`<span>${tag.startsWith("@") ? tag : `#${tag}`}</span>`)}</p>`;
}
