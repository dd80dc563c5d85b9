// UpdateActions: the button, and the outcome of a click. After a click the inbox sends a signed request to the service.

import { flowPath, reasonOf, request } from "./api.js";
import { el, webUrl } from "./dom.js";

/** @import { Connection } from "./connection.js" */

/** @typedef {{ outcome: string, message: string, status: number | null, url?: string }} Answer The inbox's answer to a click on an action. */

/** @type {Connection} */
let connection;

/**
 * Makes this inbox carry out all actions from now on.
 *
 * @param {Connection} newConnection
 */
export function carryOutBy(newConnection) {
  connection = newConnection;
}

/** @typedef {{ name?: unknown, target?: { urlTemplate?: unknown, httpMethod?: unknown } | null }} UpdateAction */

/**
 * Makes the button of an action, and beside it the method and the host of the call that a click causes: the name of an action is whatever
 * its poster wrote.
 *
 * @param {UpdateAction} action The action as its thread contains it.
 * @param {string} threadId
 * @param {HTMLElement} outcome The element that shows the outcome.
 */
export function actionButton(action, threadId, outcome) {
  const name = String(action.name);
  const click = async () => {
    button.disabled = true;
    show(outcome, "pending", [`${name} …`]);
    try {
      // Sends the whole action: if the thread has changed meanwhile, the inbox must not carry out another action than the one shown.
      const path = `${flowPath(connection)}/threads/${encodeURIComponent(threadId)}/actions`;
      const answer = await request(connection, "POST", path, { body: action });
      show(outcome, answer.outcome, sentence(name, answer));
    } catch (error) {
      show(outcome, "failed", [`${name}: ${reasonOf(error)}`]);
    } finally {
      button.disabled = false;
    }
  };
  const target = targetOf(action);
  const attributes = { type: "button", class: "quiet", "data-action": name, "aria-label": `${name}: ${target}`, click };
  const button = el("button", attributes, name);
  return el("span", { class: "action" }, button, " ", el("small", { class: "target", "aria-hidden": "true" }, target));
}

/**
 * Says where a click on an action goes: `POST bank.example`.
 *
 * @param {UpdateAction} action
 */
function targetOf({ target }) {
  const method = String(target?.httpMethod ?? "");
  // The inbox replaces the variables of a template by nothing.
  const url = webUrl(String(target?.urlTemplate ?? "").replace(/\{[^}]*\}?/g, ""));
  // A method is one word. Anything else could look like another host.
  return url && /^[A-Z]+$/.test(method) ? `${method} ${new URL(url).host}` : "unknown address";
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
