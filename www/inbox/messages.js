// The messages of a thread: by day, with the changes of one person folded.

import { redraw } from "../page/redraw.js";
import { html, nothing, repeat } from "../page/render.js";
import { dayName } from "../page/time.js";
import { authorName, storedMessageView } from "./message.js";
import { loadEarlier } from "./open-thread.js";

/** @import { InboxMessage } from "./message.js" */
/** @import { OpenThread } from "./open-thread.js" */
/** @import { InboxThread } from "./thread-state.js" */

/** So many changes by one person in a row are folded. The last messages of the thread never are. */
const MIN_RUN = 4;
const LAST_SHOWN = 3;

/** The first messages of the runs that the user has unfolded. @type {Set<number>} */
const unfolded = new Set();

/**
 * @typedef {{ key: string, day: string } | { key: string, isNew: true } | { key: string, message: InboxMessage }
 *   | { key: string, run: InboxMessage[] }} Item
 */

/**
 * Shows the messages of a thread.
 *
 * @param {OpenThread} open
 * @param {{ thread: InboxThread, isInThread: boolean, readTo: number }} options
 */
export function messagesView(open, { thread, isInThread, readTo }) {
  const { messages, isLoading, problem } = open;
  return html`${earlierView(open, thread, isInThread)}
    <ol class="messages" aria-label="Messages" aria-busy=${String(isLoading)}>
      ${repeat(itemsOf(messages, readTo), ({ key }) => key, itemView)}
    </ol>
    ${problem === "" ? nothing : html`<p class="problem">${problem} <button type="button" @click=${() => loadEarlier({ isInThread })}>Try again</button></p>`}`;
}

/**
 * @param {OpenThread} open
 * @param {InboxThread} thread
 * @param {boolean} isInThread
 */
function earlierView({ messages, hasAll, isLoading }, thread, isInThread) {
  if (messages.length === 0) return isLoading ? html`<p class="skeleton" aria-hidden="true"></p>` : nothing;
  if (hasAll) return nothing;
  const all = (thread.activities ?? 0) + (thread.external_comments ?? 0) + (thread.internal_comments ?? 0);
  const left = all - messages.length;
  const text = left > 0 ? `Show earlier messages (${left})` : "Show earlier messages";
  return html`<button type="button" class="earlier" aria-disabled=${String(isLoading)} @click=${() => loadEarlier({ isInThread })}>${text}</button>`;
}

/**
 * @param {InboxMessage[]} messages
 * @param {number} readTo
 * @returns {Item[]}
 */
function itemsOf(messages, readTo) {
  /** @type {Item[]} */
  const items = [];
  let day = "";
  let isNewShown = messages.length === 0 || messages[0].id > readTo;
  /** @type {InboxMessage[]} */
  let run = [];
  const endRun = () => {
    const isFolded = run.length >= MIN_RUN && !unfolded.has(run[0].id);
    if (isFolded) items.push({ key: `run ${run[0].id}`, run });
    else items.push(...run.map((message) => ({ key: String(message.id), message })));
    run = [];
  };
  for (const [index, message] of messages.entries()) {
    const itsDay = dayName(message.created_at ?? message.sent);
    const isFirstNew = !isNewShown && message.id > readTo;
    const isLast = index >= messages.length - LAST_SHOWN;
    const continues = isLine(message) && !isLast && (run.length === 0 || authorName(run[0]) === authorName(message));
    if (itsDay !== day || isFirstNew || !continues) endRun();
    if (itsDay !== day) items.push({ key: `day ${itsDay} ${message.id}`, day: itsDay });
    if (isFirstNew) items.push({ key: "new", isNew: true });
    day = itsDay;
    isNewShown ||= isFirstNew;
    run.push(message);
    if (!isLine(message) || isLast) endRun();
  }
  endRun();
  return items;
}

/** @param {InboxMessage} message */
const isLine = ({ event, body }) => event === "activity" && !body;

/** @param {Item} item */
function itemView(item) {
  if ("message" in item) return storedMessageView(item.message);
  if ("day" in item) return html`<li class="day">${item.day}</li>`;
  if ("isNew" in item) return html`<li class="day new" id="first-new">New</li>`;
  const { run } = item;
  const unfold = () => {
    unfolded.add(run[0].id);
    redraw();
  };
  return html`<li class="run"><button type="button" class="quiet" @click=${unfold}>${run.length} changes by <b dir="auto">${authorName(run[0])}</b></button></li>`;
}
