// The applications that are registered with the inbox.

import { connection } from "../connection/connection.js";
import { request } from "../page/api.js";
import { confirmed } from "../page/dialog.js";
import { icon } from "../page/icons.js";
import { html, nothing, repeat } from "../page/render.js";
import { webUrl, withQuery } from "../page/text.js";
import { attempt, entryOf, removeEntry } from "./attempt.js";
import { lists } from "./lists.js";
import { markView } from "./mark.js";
import { dropSecrets, secretsOf, showSecrets } from "./secrets.js";

/** @import { Application } from "./lists.js" */

export function applicationListView() {
  const { flow, applications } = lists();
  return html`<section aria-labelledby="applications-heading">
    <h3 id="applications-heading">Applications</h3>
    <p class="hint">The tools that this inbox knows. Each source belongs to one.</p>
    <ul id="applications" class="entries" aria-label="Applications">
      ${repeat(applications, ({ id }) => id, applicationView)}
    </ul>
    <p class="no-entries" ?hidden=${applications.length > 0 || !flow}>No applications yet. Register one to let it set itself up.</p>
  </section>`;
}

/** @param {Application} application */
function applicationView(application) {
  const { id, name, client_id: clientId } = application;
  const setup = setupUrl(application);
  return html`<li class="entry" data-application-id=${id}>
    ${markView(name)}
    <p class="named">
      <b dir="auto">${name}</b>
      ${setup ? nothing : html`<small>It has no setup URI: make its sources by hand.</small>`}
    </p>
    <p class="fact wide-fact">Client id <code>${clientId}</code></p>
    <p class="buttons">
      ${
        setup
          ? html`<a class="button quiet" href=${setup} target="_blank" rel="noopener noreferrer nofollow" aria-label="Set up ${name}">
              Set up ${icon("out")}</a>`
          : nothing
      }
      <button type="button" class="quiet" aria-label="New secret of ${name}" @click=${() => renewSecret(application)}>New secret</button>
      <button type="button" class="quiet" data-ends aria-label="Remove ${name}" @click=${(/** @type {Event} */ event) => remove(application, entryOf(event))}>
        Remove
      </button>
    </p>
  </li>`;
}

/**
 * The address where an application sets itself up for this flow, or undefined if it cannot.
 *
 * @param {Application} application
 */
export function setupUrl({ setup_uri: uri }) {
  const setup = webUrl(uri);
  const { flow } = lists();
  return setup && flow ? withQuery(setup, { flow: flow.id, flow_url: flow.url }) : undefined;
}

/** @param {Application} application */
async function renewSecret({ id, name }) {
  const asked = connection();
  const isSure = await confirmed({
    title: `Replace the secret of ${name}?`,
    text: "The old secret stays valid for one more day. Give the application the new secret before then.",
    yes: "Make a new secret",
  });
  if (!isSure) return;
  const renewed = await attempt(() => request(asked, "POST", `/oauth/applications/${id}/secret`));
  if (!renewed) return;
  const advice =
    `The old secret of ${name} stays valid for one more day. Give the application the new secret before then. ` +
    "Until then the inbox signs actions with the old one, so let the application accept both.";
  showSecrets({ kind: "application", id, baseUrl: asked.baseUrl, name, values: secretsOf(renewed), advice });
}

/**
 * @param {Application} application
 * @param {Element | null} entry
 */
async function remove({ id, name }, entry) {
  const asked = connection();
  const itsSources = lists().sources.filter(({ application }) => application.id === id);
  const isSure = await confirmed({
    title: `Remove ${name} and its sources?`,
    text: "Posts with the tokens of its sources, in any flow, are refused with status 410. The application itself cannot sign in any more. The messages stay in the inbox.",
    yes: "Remove the application",
  });
  if (!isSure) return;
  await removeEntry(entry, async () => {
    await request(asked, "DELETE", `/oauth/applications/${id}`);
    dropSecrets({ kind: "application", id, baseUrl: asked.baseUrl });
    for (const source of itsSources) dropSecrets({ kind: "source", id: source.id, baseUrl: asked.baseUrl });
  });
}
