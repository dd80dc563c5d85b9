// Posts a message with the package and shows the outcome.

import { byId, count, el, withCode } from "./dom.js";
import { Client, FlowdockError } from "./pkg/index.js";

/** @import { Message } from "flowdock-integration" */
/** @import { Connection } from "./connection.js" */
/** @import { Child } from "./dom.js" */

const outcome = byId("outcome");

/** @type {Record<string, string>} Advice for the user, by the code of the error. */
const WHAT_TO_DO = {
  source_removed: "This is for good: its token will never work again. A new source of the flow gets a new token.",
  network: "Is the server running, and does it allow requests from this page?",
};

/** Removes the outcome of an earlier message. */
export function clearOutcome() {
  outcome.replaceChildren();
  delete outcome.dataset.outcome;
}

/**
 * Posts a message. The promise resolves when the outcome is shown.
 *
 * @param {Message} message
 * @param {Connection} connection
 */
export async function post(message, { baseUrl, flowToken }) {
  const started = performance.now();
  const took = () => `${Math.round(performance.now() - started)} ms`;
  outcome.replaceChildren("Posting …");
  outcome.dataset.outcome = "pending";
  try {
    const result = await new Client({ baseUrl, flowToken }).post(message);
    show(result.kind, [
      el("p", {}, el("b", {}, result.kind), ` in ${took()}, ${count(result.attempts, "request")}`),
      el("p", {}, "uuid ", el("code", { id: "outcome-uuid" }, result.uuid)),
      result.maybeDuplicate ? el("p", {}, "An earlier request may have been stored as well.") : null,
    ]);
  } catch (error) {
    // Any other exception is a fault in this page and goes to the console.
    if (!(error instanceof FlowdockError)) throw error;
    showError(error, took());
  }
}

/**
 * @param {FlowdockError} error
 * @param {string} took
 */
function showError({ code, message, status, retryable, fieldErrors = {} }, took) {
  const advice = retryable ? "trying again may help" : "trying again does not help";
  const facts = [status ? `status ${status}` : null, took, advice];
  show("failed", [
    el("p", {}, el("b", {}, code), ` ${facts.filter(Boolean).join(", ")}`),
    el("p", {}, withCode(message)),
    el("ul", {}, Object.entries(fieldErrors).map(fieldError)),
    code in WHAT_TO_DO ? el("p", {}, WHAT_TO_DO[code]) : null,
  ]);
}

/** @param {[string, string[]]} entry */
const fieldError = ([field, problems]) => el("li", {}, el("code", {}, field), ` ${problems.join(", ")}`);

/**
 * @param {string} kind
 * @param {(Node | null)[]} nodes
 */
function show(kind, nodes) {
  outcome.dataset.outcome = kind;
  outcome.replaceChildren(...nodes.filter((node) => node !== null));
}
