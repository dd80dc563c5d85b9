// The secrets that the inbox tells only once. They stay until the user says that they are stored, whatever happens meanwhile.

import { connection, useFlowToken } from "../connection/connection.js";
import { copy } from "../page/copy.js";
import { focusAfterDrawing } from "../page/focus.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, repeat } from "../page/render.js";
import { toast } from "../page/toast.js";

/**
 * A source's or an application's secrets.
 *
 * @typedef Secrets
 * @property {"source" | "application"} kind
 * @property {number} id The id of the source or application.
 * @property {string} baseUrl The inbox that they belong to.
 * @property {string} name
 * @property {Record<string, string>} values Each with its name.
 * @property {string} [advice]
 */

/** @type {Secrets[]} */
let shown = [];

/**
 * The secrets of an application, each with its name.
 *
 * @param {{ client_id: string, client_secret: string }} application The answer that contains the secret.
 */
export const secretsOf = (application) => ({
  "Client id": application.client_id,
  "Client secret": application.client_secret,
});

/**
 * Shows secrets until the user has stored them. They take the place of older ones of the same source or application.
 *
 * @param {Secrets} secrets
 */
export function showSecrets(secrets) {
  shown = [secrets, ...shown.filter((one) => !isOf(one, secrets))];
  addEventListener("beforeunload", askToStay);
  redraw();
  focusAfterDrawing(() => document.getElementById(headingOf(secrets))?.closest("section"));
}

/**
 * Takes away the secrets of what was removed: they open nothing any more.
 *
 * @param {Pick<Secrets, "kind" | "id" | "baseUrl">} owner
 */
export function dropSecrets(owner) {
  shown = shown.filter((one) => !isOf(one, owner));
  if (shown.length === 0) removeEventListener("beforeunload", askToStay);
  redraw();
}

/**
 * @param {Secrets} one
 * @param {Pick<Secrets, "kind" | "id" | "baseUrl">} owner
 */
const isOf = (one, { kind, id, baseUrl }) => one.kind === kind && one.id === id && one.baseUrl === baseUrl;

/** @param {Pick<Secrets, "kind" | "id">} owner */
const headingOf = ({ kind, id }) => `secret-of-${kind}-${id}`;

/** Lets the browser ask before it leaves the page. @param {Event} event */
const askToStay = (event) => event.preventDefault();

export const secretsView = () => html`
  <div id="source-secret" class="secrets">${panelsOf("source")}</div>
  <div id="application-secret" class="secrets">${panelsOf("application")}</div>`;

/** @param {Secrets["kind"]} kind */
const panelsOf = (kind) =>
  repeat(
    shown.filter((secrets) => secrets.kind === kind),
    ({ baseUrl, id }) => `${baseUrl} ${id}`,
    panelView,
  );

/** @param {Secrets} secrets */
function panelView(secrets) {
  const { baseUrl, name, values, advice } = secrets;
  const token = values["Flow token"];
  const headingId = headingOf(secrets);
  return html`<section class="secret" tabindex="-1" aria-labelledby=${headingId}>
    <h3 id=${headingId}>Store this for <bdi>${name}</bdi></h3>
    <p class="hint">The inbox shows it only once. It stays here until you say that you have stored it.</p>
    <dl>
      ${Object.entries(values).map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>
              <code>${value}</code>
              <button type="button" class="quiet" aria-label="Copy the ${label.toLowerCase()}" @click=${() => copy(value, label)}>
                Copy
              </button>
            </dd>
          </div>`,
      )}
    </dl>
    ${advice ? html`<p>${advice}</p>` : nothing}
    <p class="buttons">
      <button type="button" class="primary" @click=${() => dismiss(secrets)}>I have stored it</button>
      ${
        // A token goes to no other inbox than its own.
        token && baseUrl === connection().baseUrl
          ? html`<button type="button" aria-disabled=${connection().flowToken === token} @click=${() => postWith(secrets)}>
              ${connection().flowToken === token ? "Posting with it" : "Post with it"}
            </button>`
          : nothing
      }
    </p>
  </section>`;
}

/** @param {Secrets} secrets */
function dismiss(secrets) {
  dropSecrets(secrets);
  document.getElementById("integrations-heading")?.focus();
}

/** @param {Secrets} secrets */
function postWith({ name, values }) {
  if (connection().flowToken === values["Flow token"]) return;
  useFlowToken(values["Flow token"]);
  toast(`“Try a message” now posts as ${name}`);
}
