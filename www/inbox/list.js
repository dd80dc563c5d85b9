// The list of threads. All rows have the same height, and only those in sight are elements: so ten thousand threads cost no more than ten.

import { sources } from "../integrations/sources.js";
import { hrefOf, place } from "../page/address.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, ref, repeat, styles } from "../page/render.js";
import { toast } from "../page/toast.js";
import { emptyView } from "./empty.js";
import { filterOf, NO_FILTER } from "./filter.js";
import { isFlowLoaded, lastMessageId, tryAgain } from "./flow.js";
import { rowView } from "./row.js";
import { loadMore, moveListOnlyIf, pendingCount, putInOrder, shownList } from "./thread-list.js";
import { threadById, unreadCount } from "./threads.js";
import { markAllRead } from "./unread.js";

/** How many rows are drawn above and below the visible part. */
const SPARE_ROWS = 8;

/** When fewer rows than these are left below, the next threads are loaded. */
const ROWS_AHEAD = 20;

/** @type {HTMLElement | undefined} */
let box;
let scrolled = 0;
let height = 800;

moveListOnlyIf(() => !box || (box.scrollTop === 0 && !box.matches(":hover") && !box.contains(document.activeElement)));

addEventListener("resize", redraw);

export function listView() {
  const list = shownList();
  const { ids, isComplete, isLoading, problem } = list;
  const row = rowHeight();
  const first = Math.max(0, Math.floor(scrolled / row) - SPARE_ROWS);
  const last = Math.min(ids.length, Math.ceil((scrolled + height) / row) + SPARE_ROWS);
  if (isFlowLoaded() && !isComplete && !isLoading && problem === "" && last > ids.length - ROWS_AHEAD)
    queueMicrotask(loadMore);
  const { thread } = place();
  const rows = ids.slice(first, last);
  const inSight = ids[Math.min(ids.length - 1, Math.ceil(scrolled / row))];
  const reachable = rows.includes(thread) ? thread : inSight;
  return html`<section class="list" aria-label="Threads">
    ${headView()} ${pendingButton()}
    <div class="thread-rows" ${ref(keep)} @scroll=${scroll} @keydown=${move}>
      <ol ${styles({ "--rows": String(ids.length) })} aria-busy=${String(isLoading)}>
        ${repeat(
          rows,
          (id) => id,
          (id, index) => {
            const shown = threadById(id);
            return shown
              ? rowView(shown, {
                  index: first + index,
                  of: isComplete ? ids.length : -1,
                  isOpen: id === thread,
                  isReachable: id === reachable,
                })
              : nothing;
          },
        )}
      </ol>
      ${ids.length === 0 ? emptyView(list) : nothing}
      ${isLoading ? html`<p class="skeleton" aria-hidden="true"></p>` : nothing}
      ${problem === "" ? nothing : html`<p class="problem">${problem} <button type="button" @click=${tryAgain}>Try again</button></p>`}
    </div>
  </section>`;
}

/** Scrolls the list until the row of a thread is in view. @param {string} id */
export function showInList(id) {
  const index = shownList().ids.indexOf(id);
  if (!box || index < 0) return;
  const [top, row] = [index * rowHeight(), rowHeight()];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + row > box.scrollTop + box.clientHeight) box.scrollTop = top + row - box.clientHeight;
}

/** The height of a row in pixels. It follows the size of the text. */
function rowHeight() {
  const style = getComputedStyle(document.documentElement);
  return Number.parseFloat(style.fontSize) * Number.parseFloat(style.getPropertyValue("--thread-row"));
}

/** @param {Element | undefined} element */
function keep(element) {
  box = /** @type {HTMLElement | undefined} */ (element);
  if (!box) return;
  // Its height is known after it was drawn.
  requestAnimationFrame(() => {
    if (box && box.clientHeight !== height) {
      height = box.clientHeight;
      redraw();
    }
  });
}

function scroll() {
  if (!box) return;
  scrolled = box.scrollTop;
  height = box.clientHeight;
  redraw();
}

/** Moves the focus from row to row with the arrow keys: of all rows, the Tab key reaches one. @param {KeyboardEvent} event */
function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target instanceof Element ? event.target.closest("li") : null;
  if (!step || !row) return;
  event.preventDefault();
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  /** @type {HTMLElement | null | undefined} */ (next?.querySelector("a"))?.focus();
}

function headView() {
  const filter = filterOf(place().query);
  const names = Object.entries(filter).map(([key, value]) => filterName(key, value));
  const unread = unreadCount();
  return html`<div class="list-head">
    <h2>${names.length === 0 ? "All threads" : names.join(", ")}</h2>
    ${names.length === 0 ? nothing : html`<a id="clear-filter" href=${hrefOf({ view: "inbox", query: NO_FILTER })}>Clear</a>`}
    ${unread === 0 ? nothing : html`<button type="button" class="link" @click=${readAll}>Mark all as read</button>`}
  </div>`;
}

function readAll() {
  const undo = markAllRead(lastMessageId());
  toast("Everything in this flow is marked as read.", { button: "Undo", act: undo });
}

/**
 * Names a part of the filter as the rail does.
 *
 * @param {string} key
 * @param {string} value
 */
function filterName(key, value) {
  if (key === "unread") return "Unread";
  if (key === "source") return `Source: ${sources().find(({ id }) => String(id) === value)?.name ?? value}`;
  return `${key[0].toUpperCase()}${key.slice(1)}: ${value}`;
}

function pendingButton() {
  const pending = pendingCount();
  if (pending === 0) return nothing;
  return html`<button type="button" id="pending" class="primary" @click=${showPending}>${pending} new ↑</button>`;
}

function showPending() {
  if (box) box.scrollTop = 0;
  putInOrder();
}
