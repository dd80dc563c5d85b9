// The keys of the page. They do nothing while somebody writes.

import { go, place } from "../page/address.js";
import { openDialog } from "../page/dialog.js";
import { html } from "../page/render.js";
import { showInList } from "./list.js";
import { leaveUnread } from "./menu.js";
import { shownList } from "./thread-list.js";
import { threadById } from "./threads.js";
import { markRead } from "./unread.js";

/** @import { InboxThread } from "./thread-state.js" */

/** @type {[string, string][]} What each key does, in words. */
const KEYS = [
  ["J", "next thread"],
  ["K", "previous thread"],
  ["Enter", "open the chosen thread"],
  ["Esc", "back to the list"],
  ["E", "mark as read"],
  ["U", "mark as unread, and back"],
  ["R", "comment on the thread"],
  ["/", "search"],
  ["C", "try a message"],
  ["G I", "inbox"],
  ["G S", "integrations"],
  ["?", "these keys"],
];

/** @type {Record<string, () => void>} */
const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  e: () => withOpen(markRead),
  u: () => withOpen(leaveUnread),
  r: () => document.getElementById("comment")?.focus(),
  c: () => go({ view: "try" }),
  "/": () => document.getElementById("search-words")?.focus(),
  "?": showKeys,
  Escape: () => go({ view: "inbox", thread: "" }),
};

/** @type {Record<string, () => void>} The second key after G. */
const AFTER_G = { i: () => go({ view: "inbox", thread: "" }), s: () => go({ view: "integrations" }) };

let isAfterG = false;

/** Where the browser keeps that the user wants no keys. Whoever speaks to the browser would type letters. */
const OFF = "flowdock-inbox keys off";

const areOff = () => {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    // Without storage the keys are on.
    return false;
  }
};

/** @param {Event} event */
function switchKeys({ target }) {
  const isOn = /** @type {HTMLInputElement} */ (target).checked;
  try {
    if (isOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
  } catch {
    // The choice cannot be kept.
  }
}

export function startKeys() {
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || event.defaultPrevented || document.querySelector("dialog[open], :popover-open"))
      return;
    if (target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))) {
      if (key === "Escape") target.blur();
      return;
    }
    if (areOff() && key !== "?") return;
    const acts = isAfterG ? AFTER_G : ACTS;
    isAfterG = !isAfterG && key === "g";
    if (!Object.hasOwn(acts, key)) return;
    event.preventDefault();
    acts[key]();
  });
}

/** Opens the next or the previous thread of the list. @param {number} by */
function step(by) {
  const { ids } = shownList();
  const next = ids[ids.indexOf(place().thread) + by] ?? (place().thread === "" ? ids[0] : undefined);
  if (next === undefined) return;
  go({ view: "inbox", thread: next }, { isSame: place().thread !== "" });
  showInList(next);
}

/** Does something with the thread whose row has the focus, or with the open thread. @param {(thread: InboxThread) => void} act */
function withOpen(act) {
  const row = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.threadId : undefined;
  const thread = threadById(row ?? place().thread);
  if (thread) act(thread);
}

function showKeys() {
  const rows = KEYS.map(
    ([key, what]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${what}</dd></div>`,
  );
  openDialog(
    "Keys",
    html`<dl class="keys">${rows}</dl>
      <p><label><input type="checkbox" .checked=${!areOff()} @change=${switchKeys}> Use these keys</label></p>
      <p class="buttons"><button value="">Close</button></p>`,
  );
}
