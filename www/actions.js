// UpdateActions: a button, which the inbox turns into a signed request to the service, and what came of it.

import { flowPath, request } from "./api.js";
import { el, webUrl } from "./dom.js";

let connection;

/** From now on actions are carried out by this inbox. */
export function carryOutBy(newConnection) {
  connection = newConnection;
}

/** The button of an action; `outcome` is the element that shows what came of it. */
export function actionButton(action, threadId, outcome) {
  const name = String(action.name);
  const click = async ({ target }) => {
    target.disabled = true;
    show(outcome, "pending", [`${name} …`]);
    try {
      // All of it, since the thread may have changed meanwhile: the inbox carries out what was shown, or nothing.
      const path = `${flowPath(connection)}/threads/${encodeURIComponent(threadId)}/actions`;
      const answer = await request(connection, "POST", path, { body: action });
      show(outcome, answer.outcome, sentence(name, answer));
    } catch (error) {
      show(outcome, "failed", [`${name}: ${error.message}`]);
    } finally {
      target.disabled = false;
    }
  };
  return el("button", { type: "button", class: "quiet", "data-action": name, click }, name);
}

function sentence(name, { message, status, url }) {
  const login = webUrl(url);
  const said = `${name}: ${message}${status === null ? "" : ` (status ${status})`}.`;
  if (!login) return [said];
  const link = { href: login, target: "_blank", rel: "noopener noreferrer nofollow" };
  return [said, " ", el("a", link, `Log in at ${new URL(login).host}`), ", then click again."];
}

function show(outcome, kind, nodes) {
  outcome.dataset.outcome = kind;
  outcome.replaceChildren(...nodes);
}
