// Searches the flow's messages. What the inbox finds replaces the threads until the words are removed.

import { flowPath, reasonOf, request } from "./api.js";
import { byId, count, el } from "./dom.js";
import { titleNodes } from "./message-html.js";
import { messageItem } from "./messages.js";

/** @import { Connection } from "./connection.js" */
/** @import { InboxMessage } from "./messages.js" */

/** The largest number of messages that one search shows. */
const MAX_FOUND = 100;

const field = byId("search-words", HTMLInputElement);

/** @type {Connection | undefined} */
let connection;
let searching = new AbortController();

export function startSearch() {
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  // The cross of the field empties it without a submit.
  field.addEventListener("input", () => {
    if (field.value.trim() === "") showThreads();
  });
}

/**
 * Sets the flow in which is searched.
 *
 * @param {Connection} newConnection
 */
export function searchIn(newConnection) {
  connection = newConnection;
  field.value = "";
  showThreads();
}

async function search() {
  const words = field.value.trim();
  showThreads();
  if (words === "" || !connection) return;
  const { signal } = searching;
  const query = { search: words, limit: String(MAX_FOUND) };
  try {
    /** @type {InboxMessage[]} */
    const found = await request(connection, "GET", `${flowPath(connection)}/messages`, { query, signal });
    if (!signal.aborted) showFound(found, `${count(found.length, "message")} found`);
  } catch (error) {
    if (!signal.aborted) showFound([], reasonOf(error));
  }
}

function showThreads() {
  searching.abort();
  searching = new AbortController();
  byId("found").replaceChildren();
  byId("found-status").textContent = "";
  byId("flow-threads").hidden = false;
}

/**
 * @param {InboxMessage[]} messages
 * @param {string} status
 */
function showFound(messages, status) {
  byId("found-status").textContent = status;
  byId("flow-threads").hidden = true;
  // The newest first, as the threads are.
  byId("found").replaceChildren(...messages.reverse().map(card));
}

/** @param {InboxMessage} message */
function card(message) {
  const title = el("h3", {}, message.thread ? titleNodes(message.thread.title) : "The flow itself");
  const list = el("ol", { class: "messages" }, messageItem(message));
  return el("article", { class: "thread" }, el("div", { class: "state" }, el("header", {}, title)), list);
}
