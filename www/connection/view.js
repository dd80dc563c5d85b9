// The fields of the connection, and what the browser keeps of it. A change counts when the user leaves the field.

import { hrefOf } from "../page/address.js";
import { reasonOf } from "../page/api.js";
import { textField } from "../page/field.js";
import { focusAfterDrawing } from "../page/focus.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, ref } from "../page/render.js";
import { changeFlow, connection, givenApiToken, isOwn, signOut, useApiToken, useFlowToken } from "./connection.js";
import { flowChoiceView } from "./flow-choice.js";
import { forgetFlows, loadFlows } from "./flows.js";
import { MISSING } from "./session.js";
import { streamState } from "./stream-state.js";

/** Why the last attempt to sign out failed. */
let signOutProblem = "";

/** Whether the view was opened and the page does not know yet whether it can sign in. */
let isFocusPending = false;

export function connectionView() {
  const now = connection();
  loadFlows(now);
  focusMissingToken();
  const { baseUrl, organization, flow, flowToken } = now;
  return html`<div class="connection" ${ref(opened)}>
    <h2 id="connection-heading" tabindex="-1">Connection</h2>
    ${stateView()}
    <form autocomplete="off" novalidate @submit=${submit}>
      <section aria-labelledby="flow-section">
        <h3 id="flow-section">Inbox and flow</h3>
        ${flowChoiceView()}
        ${textField({ id: "base-url", label: "Base URL of the inbox", value: baseUrl, kind: "url", change: (value) => changeFlow({ baseUrl: value }) })}
        <div class="pair">
          ${textField({ id: "organization", label: "Organisation", value: organization, change: (value) => changeFlow({ organization: value }) })}
          ${textField({ id: "flow", label: "Flow, as in its URL", value: flow, change: (value) => changeFlow({ flow: value }) })}
        </div>
      </section>
      <section aria-labelledby="tokens-section">
        <h3 id="tokens-section">Tokens</h3>
        ${apiTokenView()}
        ${textField({
          id: "flow-token",
          label: "Flow token, to post",
          value: flowToken,
          kind: "password",
          hint: html`The token of a source. <a href=${hrefOf({ view: "integrations" })}>Add a source</a> to get one. The browser stores it for this inbox; clear the field to remove it.`,
          change: useFlowToken,
        })}
      </section>
    </form>
    ${keptView()}
  </div>`;
}

/** Says whether the page can read, and what to do if not. */
function stateView() {
  const { token, problem } = connection();
  const state = streamState();
  if (token === "" && problem !== "") {
    const why = problem === MISSING ? "" : `: ${problem}`;
    return html`<p class="notice" data-kind="problem">To read the inbox, enter its API token${why}.</p>`;
  }
  if (state.name === "off" && token !== "") {
    return html`<p class="notice" data-kind="problem">The inbox refuses: ${state.reason}.</p>`;
  }
  if (state.name !== "live") return html`<p class="notice">Connecting …</p>`;
  return html`<p class="notice" data-kind="good">Connected. <a href=${hrefOf({ view: "inbox" })}>Open the inbox</a></p>`;
}

function apiTokenView() {
  const now = connection();
  const isSignedIn = isOwn(now) && now.token !== "";
  const isRefused = now.token === "" && givenApiToken() !== "" && now.problem !== "";
  const hint = isOwn(now)
    ? "The inbox exchanges it for a session. The token itself is not stored."
    : "It is sent only to this inbox, and forgotten when you close this page.";
  return textField({
    id: "api-token",
    label: "API token, to read",
    value: givenApiToken(),
    kind: "password",
    placeholder: isSignedIn ? "signed in" : "",
    button: now.token === "" ? html`<button class="primary">Sign in</button>` : nothing,
    error: isRefused ? html`<span role="alert">The inbox did not accept this token: ${now.problem}.</span>` : "",
    hint,
    change: useApiToken,
  });
}

/** Says what this browser keeps, and how to end it. */
function keptView() {
  const now = connection();
  if (!isOwn(now) || now.token === "") return nothing;
  return html`<section class="kept" aria-labelledby="kept-section">
    <h3 id="kept-section">This browser</h3>
    <p>
      It keeps a session with this inbox and the flow token, and no API token.
      <a href=${hrefOf({ view: "integrations" })}>Integrations</a> lists the sessions of all browsers. Signing out ends
      this session and removes the flow token.
    </p>
    <p class="note" data-severity="error" role="alert">${signOutProblem === "" ? nothing : `Not signed out: ${signOutProblem}.`}</p>
    <p class="buttons"><button type="button" id="sign-out" @click=${leave}>Sign out</button></p>
  </section>`;
}

/** Signs in again with the token that the user has left unchanged. A changed one has already been used. @param {Event} event */
function submit(event) {
  event.preventDefault();
  const { token, problem } = connection();
  if (token === "" && problem !== "" && givenApiToken() !== "") useApiToken(givenApiToken());
  else if (token === "") document.getElementById("api-token")?.focus();
}

async function leave() {
  signOutProblem = "";
  try {
    await signOut();
    focusAfterDrawing(() => document.getElementById("api-token"));
  } catch (error) {
    signOutProblem = reasonOf(error);
    redraw();
  }
}

/**
 * Called with the view's element when the view is opened, and without one when it is left.
 *
 * @param {Element} [element]
 */
function opened(element) {
  if (!element) {
    forgetFlows();
    return;
  }
  signOutProblem = "";
  isFocusPending = true;
  focusMissingToken();
}

/** Focuses the token that is missing, once for each time that the view is opened. */
function focusMissingToken() {
  const { token, problem } = connection();
  if (!isFocusPending || (token === "" && problem === "")) return;
  isFocusPending = false;
  if (token !== "") return;
  // A user who is writing already goes on with that.
  focusAfterDrawing(() =>
    document.activeElement instanceof HTMLInputElement ? undefined : document.getElementById("api-token"),
  );
}
