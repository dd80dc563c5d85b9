// Shows the inbox: a card for each thread, with its messages. When a thread changes, its card is updated. Chat messages without a thread
// share one card.

import { actionButton } from "./actions.js";
import { byId, count, el, webUrl } from "./dom.js";
import { bodyNodes, titleNodes } from "./message-html.js";
import { messageItem } from "./messages.js";

/** @import { InboxMessage } from "./messages.js" */

/**
 * A thread as the inbox stores it.
 *
 * @typedef InboxThread
 * @property {string} id
 * @property {unknown} [title]
 * @property {unknown} [body]
 * @property {unknown} [external_url]
 * @property {{ value?: unknown, color?: string | null } | null} [status]
 * @property {unknown} [fields]
 * @property {unknown} [actions]
 * @property {string | number} [updated_at]
 * @property {number} [activities]
 * @property {number} [external_comments]
 * @property {number} [internal_comments]
 * @property {{ application?: string | { name?: string } } | null} [source]
 */

/**
 * @typedef Card
 * @property {HTMLElement} article
 * @property {HTMLElement} head
 * @property {HTMLElement} outcome
 * @property {HTMLElement} earlier
 * @property {HTMLElement} list
 * @property {Set<number>} messages The ids of the messages that the card shows.
 * @property {number} total The number of messages in the thread, according to the inbox.
 * @property {number} updated
 */

const container = byId("threads");

/**
 * The cards by the ids of their threads. The key null is for the card of the messages without a thread.
 *
 * @type {Map<string | null, Card>}
 */
const cards = new Map();

/**
 * Shows the snapshot of a flow. It replaces everything that was shown before.
 *
 * @param {InboxThread[]} threads
 * @param {InboxMessage[]} messages
 */
export function showSnapshot(threads, messages) {
  clearThreads();
  for (const thread of threads) showState(cardOf(thread.id), thread);
  for (const message of messages) addMessage(message);
  const newestFirst = [...cards.values()].sort((a, b) => b.updated - a.updated);
  container.replaceChildren(...newestFirst.map((card) => card.article));
  byId("no-threads").hidden = cards.size > 0;
}

/**
 * Shows a message that has just arrived.
 *
 * @param {InboxMessage} message
 */
export function showMessage(message) {
  const card = addMessage(message);
  container.prepend(card.article);
  byId("no-threads").hidden = true;
  byId("news").textContent = `New ${message.event} in ${card.article.getAttribute("aria-label")}`;
  card.article.classList.remove("fresh");
  // Reading the width makes the browser apply the removal of the class, so that the animation starts again.
  void card.article.offsetWidth;
  card.article.classList.add("fresh");
}

export function clearThreads() {
  cards.clear();
  container.replaceChildren();
  byId("no-threads").hidden = false;
}

/** @param {InboxMessage} message */
function addMessage(message) {
  const card = cardOf(message.thread_id || null);
  // Each message contains its thread as it was at that time. An older state must not replace a newer one.
  if (!message.thread_id) showFlow(card, message);
  else if (message.thread && time(message.thread.updated_at) >= card.updated) showState(card, message.thread);
  if (!card.messages.has(message.id)) {
    card.messages.add(message.id);
    card.list.append(messageItem(message));
  }
  showEarlier(card);
  return card;
}

/** @param {string | null} id */
function cardOf(id) {
  let card = cards.get(id);
  if (!card) {
    const head = el("div", { class: "state" });
    // The outcome is outside the head, because the head is redrawn when the action changes the thread.
    const outcome = el("p", { class: "action-outcome", role: "status" });
    const earlier = el("p", { class: "hint", hidden: true });
    const list = el("ol", { class: "messages", "aria-label": "Messages" });
    const article = el("article", { class: "thread", "data-thread-id": id }, head, outcome, earlier, list);
    card = { article, head, outcome, earlier, list, messages: new Set(), total: 0, updated: -Infinity };
    cards.set(id, card);
  }
  return card;
}

/**
 * Shows the head of the card for messages without a thread.
 *
 * @param {Card} card
 * @param {InboxMessage} message
 */
function showFlow(card, message) {
  card.updated = Math.max(card.updated, time(message.created_at ?? message.sent));
  if (card.head.hasChildNodes()) return;
  const title = el("h3", {}, "The flow itself");
  card.article.setAttribute("aria-label", title.textContent);
  card.head.append(el("header", {}, title), el("p", { class: "counters" }, "Chat messages outside any thread"));
}

/**
 * @param {Card} card
 * @param {InboxThread} thread
 */
function showState(card, thread) {
  card.updated = time(thread.updated_at);
  card.total = (thread.activities ?? 0) + (thread.external_comments ?? 0) + (thread.internal_comments ?? 0);
  const link = webUrl(thread.external_url);
  const [fields, actions] = [thread.fields, thread.actions].map((list) => (Array.isArray(list) ? list : []));
  const title = el("h3", {}, titleNodes(thread.title));
  card.article.setAttribute("aria-label", title.textContent);
  card.head.replaceChildren(
    ...[
      el("header", {}, title, thread.status ? badge(thread.status) : null),
      thread.body ? el("div", { class: "html" }, bodyNodes(thread.body)) : null,
      fields.length > 0 ? el("dl", { class: "fields" }, fields.map(field)) : null,
      el(
        "p",
        { class: "actions" },
        link ? outwards(link, new URL(link).host) : null,
        actions.map((one) => action(one, thread.id, card.outcome)),
      ),
      el("p", { class: "counters" }, counters(thread)),
    ].filter((node) => node !== null),
  );
}

/**
 * Shows how many earlier messages the thread has: the snapshot contains only the newest messages of the flow.
 *
 * @param {Card} card
 */
function showEarlier({ earlier, total, messages }) {
  const missing = total - messages.size;
  earlier.hidden = missing <= 0;
  earlier.textContent = `${count(missing, "earlier message")} not shown`;
}

/** @param {NonNullable<InboxThread["status"]>} status */
const badge = ({ value, color }) => el("span", { class: "badge", "data-color": color ?? "none" }, String(value ?? ""));

/** @param {{ label?: unknown, value?: unknown }} field */
const field = ({ label, value }) => el("div", {}, el("dt", {}, titleNodes(label)), el("dd", {}, titleNodes(value)));

/**
 * @param {string} href
 * @param {string} name
 * @param {string} [title]
 */
const outwards = (href, name, title) =>
  el("a", { href, title, target: "_blank", rel: "noopener noreferrer nofollow" }, name);

/**
 * @param {{ "@type"?: unknown, name?: unknown, url?: unknown, description?: string }} action
 * @param {string} threadId
 * @param {HTMLElement} outcome
 */
function action(action, threadId, outcome) {
  const { "@type": type, name, url, description } = action;
  if (type === "UpdateAction") return actionButton(action, threadId, outcome);
  const link = webUrl(url);
  return link ? outwards(link, String(name), description) : null;
}

/** @param {InboxThread} thread */
function counters({ activities = 0, external_comments: comments = 0, internal_comments: chat = 0, source }) {
  // Servers write the application of a source either as a name or as an object.
  const given = source?.application;
  const application = typeof given === "object" ? given?.name : given;
  const counted = [
    activities === 1 ? "1 activity" : `${activities} activities`,
    count(comments, "comment"),
    count(chat, "chat message"),
  ];
  return [typeof application === "string" ? `${application}: ` : null, counted.join(", ")];
}

/** @param {string | number | undefined} when */
const time = (when) => new Date(when ?? 0).getTime();
