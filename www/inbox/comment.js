// A comment of the owner: a chat message in the thread. It stays in this flow, and no service hears of it.

import { connection } from "../connection/connection.js";
import { flowPath, reasonOf, request } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { html, live, nothing } from "../page/render.js";
import { shortcut } from "../page/shortcut.js";

import { threadPath } from "./flow-request.js";

/** @typedef {{ text: string, isSending: boolean, problem: string }} Draft */

/** What is written and not sent, by the URL of the thread. @type {Map<string, Draft>} */
const drafts = new Map();

/** @type {Draft} */
const EMPTY = { text: "", isSending: false, problem: "" };

/** The key of a draft: each flow has a thread of the messages that are in none. @param {string} id */
const draftKey = (id) => `${connection().baseUrl}${flowPath(connection())}${threadPath(id)}`;

/**
 * @param {string} id
 * @param {{ isInThread: boolean }} options
 */
export function commentView(id, { isInThread }) {
  const key = draftKey(id);
  const draft = drafts.get(key) ?? EMPTY;
  const edit = (/** @type {Event} */ { target }) => {
    drafts.set(key, { ...(drafts.get(key) ?? EMPTY), text: /** @type {HTMLTextAreaElement} */ (target).value });
    redraw();
  };
  const send = () => sendComment(id, isInThread);
  const press = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    send();
  };
  const isIdle = draft.text.trim() === "" || draft.isSending;
  return html`<form class="comment" @submit=${submit}>
    <label class="hidden-text" for="comment">Comment, for this flow only</label>
    <textarea id="comment" rows="1" dir="auto" placeholder="Comment, for this flow only" .value=${live(draft.text)} @input=${edit} @keydown=${press}
      aria-describedby=${draft.problem === "" ? nothing : "comment-problem"}></textarea>
    <button aria-disabled=${String(isIdle)} aria-busy=${String(draft.isSending)} title=${shortcut}>Comment</button>
    ${draft.problem === "" ? nothing : html`<p id="comment-problem" class="note" data-severity="error" role="alert">Not sent: ${draft.problem}</p>`}
  </form>`;
}

/**
 * @param {string} id
 * @param {boolean} isInThread
 */
async function sendComment(id, isInThread) {
  const key = draftKey(id);
  const draft = drafts.get(key);
  if (!draft || draft.isSending || draft.text.trim() === "") return;
  const { text } = draft;
  drafts.set(key, { text, isSending: true, problem: "" });
  redraw();
  const path = isInThread ? `${threadPath(id)}/messages` : "/messages";
  let problem = "";
  try {
    await request(connection(), "POST", `${flowPath(connection())}${path}`, {
      body: { event: "message", content: text },
    });
  } catch (error) {
    problem = reasonOf(error);
  }
  // What was written meanwhile stays.
  const now = drafts.get(key)?.text ?? "";
  drafts.set(key, { text: problem === "" && now === text ? "" : now, isSending: false, problem });
  redraw();
}
