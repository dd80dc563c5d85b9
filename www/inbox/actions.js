// The actions of a thread: a link for a ViewAction, a button for an UpdateAction. After a click on the button the inbox sends a signed
// request to the service.

import { connection } from "../connection/connection.js";
import { flowPath, reasonOf, request } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, outwards } from "../page/render.js";
import { webUrl } from "../page/text.js";
import { threadPath } from "./flow-request.js";

/**
 * The inbox's answer to a click on an action. `outcome` is `login` if the user must log in at the service first.
 *
 * @typedef {{ outcome: string, message: string, status: number | null, url?: string }} Answer
 * @typedef {{ name?: unknown, target?: { urlTemplate?: unknown, httpMethod?: unknown } | null }} UpdateAction
 * @typedef {UpdateAction & { "@type"?: unknown, url?: unknown, description?: string }} Action
 */

/** The call that is under way or has ended, by thread: the thread may change meanwhile. @type {Map<string, { name: string, answer?: Answer }>} */
const outcomes = new Map();

/**
 * Shows an action. Without a thread id it can only be looked at.
 *
 * @param {Action} action
 * @param {string | undefined} threadId
 */
export function actionView(action, threadId) {
  if (action?.["@type"] === "UpdateAction") return updateActionView(action, threadId);
  const href = webUrl(action?.url);
  if (!href) return nothing;
  return html`<span class="action" title=${action.description ?? nothing}>${outwards(href, html`<span dir="auto">${String(action.name)}</span> ↗`)}</span>`;
}

/**
 * Shows what came of the last click on an action of this thread.
 *
 * @param {string} threadId
 */
export function outcomeView(threadId) {
  const outcome = outcomes.get(threadId);
  const kind = outcome?.answer?.outcome ?? (outcome ? "pending" : nothing);
  return html`<p class="action-outcome" role="status" data-outcome=${kind}>${outcome ? sentence(outcome) : nothing}</p>`;
}

/**
 * Makes the button of an action, and beside it the method and the host of the call that a click causes: the name of an action is whatever
 * its poster wrote.
 *
 * @param {UpdateAction} action
 * @param {string | undefined} threadId
 */
function updateActionView(action, threadId) {
  const name = String(action.name);
  const target = targetOf(action);
  const isPending = threadId !== undefined && isPendingIn(threadId);
  return html`<span class="action">
    <button type="button" data-action=${name} aria-label="${name}: ${target}" aria-disabled=${String(isPending)} aria-busy=${String(isPending)}
      @click=${() => threadId !== undefined && perform(action, threadId)}><span dir="auto">${name}</span></button>
    <small class="target" aria-hidden="true">${target}</small>
  </span>`;
}

/** @param {string} threadId */
function isPendingIn(threadId) {
  const outcome = outcomes.get(threadId);
  return outcome !== undefined && outcome.answer === undefined;
}

/**
 * @param {UpdateAction} action The action as its thread has it. If the thread has changed meanwhile, the inbox carries out nothing else.
 * @param {string} threadId
 */
async function perform(action, threadId) {
  if (isPendingIn(threadId)) return;
  const name = String(action.name);
  outcomes.set(threadId, { name });
  redraw();
  /** @type {Answer} */
  let answer;
  try {
    const path = `${flowPath(connection())}${threadPath(threadId)}/actions`;
    answer = await request(connection(), "POST", path, { body: action });
  } catch (error) {
    answer = { outcome: "failed", message: reasonOf(error), status: null };
  }
  outcomes.set(threadId, { name, answer });
  redraw();
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

/** @param {{ name: string, answer?: Answer }} outcome */
function sentence({ name, answer }) {
  if (!answer) return `${name} …`;
  const { message, status, url } = answer;
  const login = webUrl(url);
  // The service failed if its status says so, and refused otherwise.
  const failed = status !== null && status >= 500 ? `The service failed (status ${status})` : undefined;
  const said = failed ?? `${message}${status === null || answer.outcome === "done" ? "" : ` (status ${status})`}`;
  if (!login) return `${name}: ${said}.`;
  return html`${name}: ${said}. ${outwards(login, `Log in at ${new URL(login).host}`)}, then click again.`;
}
