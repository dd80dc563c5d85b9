// Who has access to the inbox beside its owner's API token: the applications that the owner has authorised, and the browsers that are
// signed in.

import { connection, isOwn, signOut } from "../connection/connection.js";
import { request } from "../page/api.js";
import { confirmed } from "../page/dialog.js";
import { html, nothing, repeat } from "../page/render.js";
import { since } from "../page/time.js";
import { attempt, entryOf, removeEntry } from "./attempt.js";
import { browserName } from "./browser-name.js";
import { lists } from "./lists.js";
import { markView } from "./mark.js";

/** @import { Grant, Session } from "./lists.js" */

export function accessView() {
  const { flow, grants, sessions } = lists();
  return html`
    <section aria-labelledby="grants-heading">
      <h3 id="grants-heading">Grants</h3>
      <p class="hint">The access that you gave to applications. Their sources stay until you remove them.</p>
      <ul id="grants" class="entries" aria-label="Grants">${repeat(grants, ({ id }) => id, grantView)}</ul>
      <p id="no-grants" class="no-entries" ?hidden=${grants.length > 0 || !flow}>You have authorised no application.</p>
    </section>
    <section aria-labelledby="sessions-heading">
      <h3 id="sessions-heading">Sessions</h3>
      <p class="hint">The browsers that are signed in to this inbox.</p>
      <ul id="sessions" class="entries" aria-label="Sessions">${repeat(sessions, ({ id }) => id, sessionView)}</ul>
    </section>`;
}

/** @param {Grant} grant */
function grantView(grant) {
  const { id, application, scopes, created_at: created } = grant;
  const { name } = application;
  return html`<li class="entry" data-grant-id=${id}>
    ${markView(name)}
    <p class="named"><b dir="auto">${name}</b> <small>${scopes.join(", ")}</small></p>
    <p class="fact wide-fact">${created ? html`Since ${since(created)}` : nothing}</p>
    <p class="buttons">
      <button type="button" class="quiet" data-ends aria-label="Revoke ${name}" @click=${(/** @type {Event} */ event) => revoke(grant, entryOf(event))}>
        Revoke
      </button>
    </p>
  </li>`;
}

/**
 * @param {Grant} grant
 * @param {Element | null} entry
 */
async function revoke({ id, application: { name } }, entry) {
  const asked = connection();
  const isSure = await confirmed({
    title: `Revoke the access of ${name}?`,
    text: "It can do nothing here until you authorise it again. Its sources can still post until you remove them.",
    yes: "Revoke the grant",
  });
  if (isSure) await removeEntry(entry, () => request(asked, "DELETE", `/oauth/grants/${id}`));
}

/** @param {Session} session */
function sessionView(session) {
  const { id, browser, current, created_at: created } = session;
  const name = browserName(browser);
  const label = current ? "Sign out" : `Revoke the session of ${name}`;
  return html`<li class="entry" data-session-id=${id} title=${browser}>
    ${markView(name)}
    <p class="named"><b>${name}</b> ${current ? html`<small>this page</small>` : nothing}</p>
    <p class="fact wide-fact">Since ${since(created)}</p>
    <p class="buttons">
      <button type="button" class="quiet" data-ends aria-label=${label} @click=${(/** @type {Event} */ event) => end(session, entryOf(event))}>
        ${current ? "Sign out" : "Revoke"}
      </button>
    </p>
  </li>`;
}

/**
 * @param {Session} session
 * @param {Element | null} entry
 */
async function end({ id, browser, current }, entry) {
  const asked = connection();
  if (current && isOwn(asked)) {
    await attempt(signOut);
    return;
  }
  const isSure = await confirmed({
    title: `Revoke the session of ${browserName(browser)}?`,
    text: "Whoever uses that browser needs the API token to sign in again.",
    yes: "Revoke the session",
  });
  if (isSure) await removeEntry(entry, () => request(asked, "DELETE", `/sessions/${id}`));
}
