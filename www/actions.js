// UpdateActions: a button, which the inbox turns into a signed request to the service, and what came of it.

import { flowPath, reasonOf, request } from "./api.js";
import { el, webUrl } from "./dom.js";

/** @import { Connection } from "./connection.js" */

/** @typedef {{ outcome: string, message: string, status: number | null, url?: string }} Answer What the inbox says of an action. */

/** @type {Connection} */
let connection;

/**
 * From now on actions are carried out by this inbox.
 *
 * @param {Connection} newConnection
 */
export function carryOutBy(newConnection) {
  connection = newConnection;
}

/**
 * The button of an action.
 *
 * @param {{ name?: unknown }} action As its thread has it.
 * @param {string} threadId
 * @param {HTMLElement} outcome Shows what came of it.
 */
export function actionButton(action, threadId, outcome) {
  const name = String(action.name);
  const click = async () => {
    button.disabled = true;
    show(outcome, "pending", [`${name} …`]);
    try {
      // All of it, since the thread may have changed meanwhile: the inbox carries out what was shown, or nothing.
      const path = `${flowPath(connection)}/threads/${encodeURIComponent(threadId)}/actions`;
      const answer = await request(connection, "POST", path, { body: action });
      show(outcome, answer.outcome, sentence(name, answer));
    } catch (error) {
      show(outcome, "failed", [`${name}: ${reasonOf(error)}`]);
    } finally {
      button.disabled = false;
    }
  };
  const button = el("button", { type: "button", class: "quiet", "data-action": name, click }, name);
  return button;
}

/**
 * @param {string} name
 * @param {Answer} answer
 */
function sentence(name, { message, status, url }) {
  const login = webUrl(url);
  const said = `${name}: ${message}${status === null ? "" : ` (status ${status})`}.`;
  if (!login) return [said];
  const link = { href: login, target: "_blank", rel: "noopener noreferrer nofollow" };
  return [said, " ", el("a", link, `Log in at ${new URL(login).host}`), ", then click again."];
}

/**
 * @param {HTMLElement} outcome
 * @param {string} kind
 * @param {(Node | string)[]} nodes
 */
function show(outcome, kind, nodes) {
  outcome.dataset.outcome = kind;
  outcome.replaceChildren(...nodes);
}
