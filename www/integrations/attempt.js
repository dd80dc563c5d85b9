// What the user does to the integrations: each action asks the inbox, and the lists are loaded again after it.

import { reasonOf } from "../page/api.js";
import { focusAfterDrawing } from "../page/focus.js";
import { redraw } from "../page/redraw.js";
import { reloadIntegrations } from "./lists.js";

let problem = "";

/** Why the last action failed, or an empty text. */
export const actionProblem = () => problem;

/**
 * Runs an action and loads the lists again. If the action fails, the view shows why, and the result is undefined.
 *
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T | undefined>}
 */
export async function attempt(action) {
  problem = "";
  let result;
  try {
    result = await action();
  } catch (error) {
    problem = reasonOf(error);
  }
  redraw();
  await reloadIntegrations();
  return result;
}

/**
 * Removes an entry of a list. The focus was on its button, and goes to the same button of the entry that takes its place.
 *
 * @param {Element | null} entry
 * @param {() => Promise<unknown>} action
 */
export async function removeEntry(entry, action) {
  const list = entry?.parentElement;
  const index = entry && list ? [...list.children].indexOf(entry) : -1;
  await attempt(action);
  focusAfterDrawing(() => {
    // A user who has gone on to something else keeps the focus there.
    if (document.activeElement && document.activeElement !== document.body) return undefined;
    const entries = [...(list?.isConnected ? list.children : [])];
    const next = entries[Math.min(index, entries.length - 1)]?.querySelector("[data-ends]");
    return next ?? document.getElementById("integrations-heading");
  });
}

/**
 * The entry of a list in which a button was clicked.
 *
 * @param {Event} event
 */
export const entryOf = (event) => (event.currentTarget instanceof Element ? event.currentTarget.closest("li") : null);
