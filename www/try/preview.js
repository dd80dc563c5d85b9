// The message as the inbox will show it, drawn by the same code.

import { messageView } from "../inbox/message.js";
import { threadStateView } from "../inbox/thread-state.js";
import { html, nothing } from "../page/render.js";
import { asText } from "./as-text.js";
import { draft, wholeMessage } from "./draft.js";
import { shownEvent } from "./events.js";
import { isObject } from "./pointer.js";

/** @import { View } from "../page/render.js" */
/** @import { Draft } from "./draft.js" */
/** @import { JsonObject } from "./pointer.js" */

/** The drawn preview: the same one for the same draft, so that lit-html leaves its elements alone. @type {{ of: Draft, view: View } | undefined} */
let drawn;

export function previewView() {
  const of = draft();
  if (drawn?.of !== of) drawn = { of, view: view(of, wholeMessage()) };
  return drawn.view;
}

/**
 * @param {Draft} of
 * @param {unknown} whole
 */
function view({ message: last, files }, whole) {
  const message = isObject(whole) ? whole : last;
  const thread = isObject(message.thread) ? threadForPreview(message.thread) : undefined;
  const meta = html`<span class="hint">now</span>`;
  return html`<div class="thread-preview">
    ${
      thread
        ? threadStateView(thread, { meta })
        : html`<p class="hint">Without a thread, the message appears in the flow itself.</p>`
    }
    <ol class="messages">${messageView(messageOf(message, files))}</ol>
    ${whole === undefined ? html`<p class="hint">This is the last valid message.</p>` : nothing}
  </div>`;
}

/**
 * The parts of a message that are shown, each of the type that the inbox stores. A value of another type is shown as JSON.
 *
 * @param {JsonObject} message
 * @param {Draft["files"]} files
 */
function messageOf(message, files) {
  const { event, author, title, body, content, tags, external_user_name: userName } = message;
  const { name, avatar, email } = isObject(author) ? author : {};
  const list = typeof tags === "string" ? tags.split(",") : Array.isArray(tags) ? tags : [];
  return {
    event: shownEvent(message),
    author: { name: asText(name), avatar: asText(avatar), email: asText(email) || undefined },
    external_user_name: asText(userName),
    title: asText(title),
    body: asText(body),
    content: asText(content),
    tags: list.map((tag) => asText(tag).trim().replace(/^#/, "")).filter((tag) => tag !== ""),
    attachments: event === "message" ? [] : files.map(fileOf),
    sent: Date.now(),
  };
}

/** @param {Draft["files"][number]} attached */
const fileOf = ({ id, file }) => ({
  content_id: id,
  content_type: file.type,
  file_name: file.name,
  file_size: file.size,
  path: "/files/",
  blob: file,
});

/** @param {JsonObject} thread */
function threadForPreview({ title, body, external_url: url, status, fields, actions }) {
  return {
    title: asText(title),
    body: asText(body),
    external_url: asText(url),
    status: isObject(status) ? { value: asText(status.value), color: asText(status.color) || undefined } : undefined,
    fields: objectsIn(fields).map(({ label, value }) => ({ label: asText(label), value: asText(value) })),
    actions: objectsIn(actions).map(actionOf),
  };
}

/** @param {JsonObject} action */
function actionOf({ "@type": type, name, url, description, target }) {
  const { urlTemplate, httpMethod } = isObject(target) ? target : {};
  return {
    "@type": asText(type),
    name: asText(name),
    url: asText(url),
    description: asText(description) || undefined,
    target: { urlTemplate: asText(urlTemplate), httpMethod: asText(httpMethod) },
  };
}

/** @param {unknown} list */
const objectsIn = (list) => (Array.isArray(list) ? list.filter(isObject) : []);
