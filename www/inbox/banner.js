// Says that the list is not live, why, and what to do about it.

import { confirmLink, connection, hostOf } from "../connection/connection.js";
import { streamState } from "../connection/stream-state.js";
import { hrefOf, place } from "../page/address.js";
import { redraw } from "../page/redraw.js";
import { html, nothing } from "../page/render.js";
import { hour } from "../page/time.js";
import { isFlowLoaded } from "./flow.js";
import { tryNow } from "./live.js";

/** Shorter outages are not shown. */
const PATIENCE_MS = 3_000;

export function bannerView() {
  const state = streamState();
  const { token, problem, isLinked } = connection();
  if (isLinked) return linkedView();
  if (state.name === "reconnecting") return reconnectingView(state);
  if (state.name !== "off" || place().view === "connection") return nothing;
  const asOf = isFlowLoaded() ? "This list is no longer live. " : "";
  const text = token === "" ? sentence(problem) : `The inbox refused the request: ${state.reason}.`;
  return html`<div class="banner" role="alert">
    <p>${asOf}${text}</p>
    <a class="button" href=${hrefOf({ view: "connection" })}>${token === "" ? "Enter a token" : "Connection"}</a>
    ${token === "" ? nothing : html`<button type="button" @click=${tryNow}>Try again</button>`}
  </div>`;
}

/** A link may lead to the inbox of somebody who wants the user's tokens. */
function linkedView() {
  const host = hostOf(connection());
  return html`<div class="banner" role="alert">
    <p>This link opens the inbox at <b>${host}</b>, which does not serve this page. Open it only if you trust that inbox.</p>
    <button type="button" id="open-linked" @click=${confirmLink}>Open it</button>
    <a class="button" href=${hrefOf({ view: "inbox", thread: "", query: { base_url: "" } })}>Stay here</a>
  </div>`;
}

/** @param {{ since: number, next: number }} state */
function reconnectingView({ since, next }) {
  const now = Date.now();
  drawAgain();
  if (now - since < PATIENCE_MS) return nothing;
  const seconds = Math.max(0, Math.ceil((next - now) / 1_000));
  return html`<div class="banner">
    <p role="alert">No answer from ${connection().baseUrl}. ${isFlowLoaded() ? html`Last update: ${hour(since)}.` : nothing}</p>
    <p aria-hidden="true">${seconds > 0 ? `Next attempt in ${seconds} s.` : "Trying …"}</p>
    <button type="button" @click=${tryNow}>Try now</button>
  </div>`;
}

let isCounting = false;

/** Counts the seconds down. */
function drawAgain() {
  if (isCounting) return;
  isCounting = true;
  setTimeout(() => {
    isCounting = false;
    redraw();
  }, 1_000);
}

/** @param {string} problem */
const sentence = (problem) => `To read the inbox, sign in: ${problem}.`;
