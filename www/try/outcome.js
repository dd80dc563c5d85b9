// Shows what came of the last post, and what one can do about it.

import { hrefOf } from "../page/address.js";
import { html, nothing, withCode } from "../page/render.js";
import { count } from "../page/text.js";
import { cancelPost, clearOutcome, MAX_ATTEMPTS, postOutcome } from "./post.js";

/** @import { FlowdockError } from "flowdock-integration" */
/** @import { View } from "../page/render.js" */

/** @type {Record<string, View | (() => View)>} What to do, by the code of the error. */
const WHAT_TO_DO = {
  source_removed: () =>
    html`This cannot be undone: its token will never work again. <a href=${hrefOf({ view: "integrations" })}>Make a new source</a>`,
  network: "Is the inbox running, and does it allow requests from this page?",
  unauthorized: () => html`<a href=${hrefOf({ view: "connection" })}>Enter another flow token</a>`,
  not_found: () => html`<a href=${hrefOf({ view: "connection" })}>Check the connection and its flow token</a>`,
};

export function postResultView() {
  const outcome = postOutcome();
  return html`<div id="outcome" role="status" data-outcome=${outcome?.kind ?? nothing}>${outcome ? words(outcome) : nothing}</div>`;
}

/** @param {NonNullable<ReturnType<typeof postOutcome>>} outcome */
function words(outcome) {
  if (outcome.kind === "pending") {
    const { attempt, isWaiting } = outcome;
    const which = `attempt ${attempt} of ${MAX_ATTEMPTS}`;
    const progress = isWaiting ? `Waiting before ${which}` : attempt > 1 ? `Posting, ${which}` : "Posting";
    return html`<p>${progress} … <button type="button" class="link" @click=${cancelPost}>Cancel</button></p>`;
  }
  const close = html`<button type="button" class="quiet close" aria-label="Close" @click=${clearOutcome}>×</button>`;
  if (outcome.kind === "failed") return html`${close}${failure(outcome.error, outcome.tookMs)}`;
  const { result, tookMs, threadId } = outcome;
  return html`${close}
    <p><b>Arrived</b> in ${tookMs} ms${result.attempts > 1 ? `, ${count(result.attempts, "attempt")}` : ""}.
      ${threadId ? html`<a id="arrived-thread" href=${hrefOf({ view: "inbox", thread: threadId })}>Show its thread</a>` : nothing}</p>
    <p class="hint">uuid <code id="outcome-uuid">${result.uuid}</code></p>
    ${result.maybeDuplicate ? html`<p class="hint">An earlier attempt may have been stored as well.</p>` : nothing}`;
}

/**
 * @param {FlowdockError} error
 * @param {number} tookMs
 */
function failure({ code, message, status, retryable, fieldErrors = {} }, tookMs) {
  if (code === "aborted") return html`<p><b>Cancelled.</b> The last attempt may still have arrived.</p>`;
  const advice = retryable ? "trying again may help" : "trying again does not help";
  const facts = [status ? `status ${status}` : "", `${tookMs} ms`, advice].filter(Boolean).join(", ");
  const problems = Object.entries(fieldErrors);
  const remedy = WHAT_TO_DO[code];
  return html`<p><b>Not posted</b> ${withCode(message)} <small><code>${code}</code> ${facts}</small></p>
    ${problems.length > 0 ? html`<ul>${problems.map(([field, texts]) => html`<li><code>${field}</code> ${texts.join(", ")}</li>`)}</ul>` : nothing}
    ${remedy ? html`<p>${typeof remedy === "function" ? remedy() : remedy}</p>` : nothing}`;
}
