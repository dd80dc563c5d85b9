// Where the open thread is scrolled to: a new thread begins at its first unread message, and somebody who reads at the end sees what arrives.

import { place } from "../page/address.js";

/** How near to its end counts as at the end, in pixels. */
const NEAR = 80;

/** @type {HTMLElement | undefined} */
let pane;
let shown = "";
let wasAtEnd = false;
let isPlaced = false;

/** Keeps the element that scrolls. @param {Element | undefined} element */
export function follow(element) {
  pane = /** @type {HTMLElement | undefined} */ (element);
}

/** Looks where the pane is, before the page is drawn. */
export function beforeDrawing() {
  wasAtEnd = pane !== undefined && pane.scrollTop > 0 && pane.scrollTop + pane.clientHeight > pane.scrollHeight - NEAR;
}

/** Scrolls the pane, after the page was drawn. */
export function afterDrawing() {
  if (!pane) return;
  const { thread } = place();
  if (thread !== shown) {
    const left = shown;
    shown = thread;
    isPlaced = false;
    pane.scrollTop = 0;
    keepFocus(thread === "" ? left : "");
  }
  if (!isPlaced && pane.querySelector(".messages > li")) {
    isPlaced = true;
    pane.querySelector("#first-new")?.scrollIntoView({ block: "center" });
  } else if (wasAtEnd) pane.scrollTop = pane.scrollHeight;
}

/**
 * In a narrow window the list and the thread take turns, and what had the focus is hidden. Then the focus goes to what is shown.
 *
 * @param {string} left The thread that was closed, or an empty text if one was opened.
 */
function keepFocus(left) {
  const focused = document.activeElement;
  if (focused && focused !== document.body && focused.checkVisibility()) return;
  const row = document.querySelector(`.thread-row[data-thread-id="${CSS.escape(left)}"]`);
  const target = left === "" ? pane : row;
  if (target instanceof HTMLElement) target.focus({ preventScroll: left === "" });
}
