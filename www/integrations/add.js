// Adds an integration, in a dialog of steps: choose what posts; then an application's own setup, or a form; then the secret, or the new
// source of the application.

import { go, place } from "../page/address.js";
import { focusAfterDrawing } from "../page/focus.js";
import { icon } from "../page/icons.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, ref } from "../page/render.js";
import { applicationForm, forgetErrors, sourceForm } from "./add-forms.js";
import { setupUrl } from "./application-list.js";
import { lists } from "./lists.js";
import { markView } from "./mark.js";

/** @import { Application } from "./lists.js" */
/** @import { View } from "../page/render.js" */

/**
 * Where the user is in the dialog. In the step `setup`, `known` has the ids of the sources that were there before.
 *
 * @typedef {{ name: "choose" } | { name: "source" } | { name: "application" } |
 *   { name: "setup", application: Application, known: number[], isOpened: boolean }} Step
 */

/** @type {Step | undefined} Without a step the dialog is closed. */
let step;

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * Opens the dialog, in the view of the integrations.
 *
 * @param {"choose" | "source" | "application"} [first]
 */
export function openAdd(first = "choose") {
  if (place().view !== "integrations") go({ view: "integrations" });
  become({ name: first });
}

/** @param {Step} newStep */
function become(newStep) {
  step = newStep;
  forgetErrors();
  redraw();
  focusAfterDrawing(() => dialog?.querySelector("input, .choice, .primary"));
}

/** Closes the dialog. The browser then gives the focus back to the button that opened it. */
const close = () => dialog?.close();

function closed() {
  step = undefined;
  forgetErrors();
  redraw();
}

export function addView() {
  if (!step) return nothing;
  const [title, content] = contentOf(step);
  return html`<dialog class="add" aria-labelledby="add-heading" @close=${closed} ${ref(showModal)}>
    <div class="view-head">
      <h2 id="add-heading">${title}</h2>
      <button type="button" class="quiet" aria-label="Close" @click=${close}>${icon("close")}</button>
    </div>
    ${content}
  </dialog>`;
}

/**
 * Called with the dialog's element, and without one when the view has gone.
 *
 * @param {Element} [element]
 */
function showModal(element) {
  dialog = element instanceof HTMLDialogElement ? element : undefined;
  if (!dialog) step = undefined;
  // A dialog can be shown when it is in the document, which is after this call.
  queueMicrotask(() => dialog?.isConnected && !dialog.open && dialog.showModal());
}

/**
 * @param {Step} step
 * @returns {[title: string, content: View]}
 */
function contentOf(step) {
  if (step.name === "setup") return [`Set up ${step.application.name}`, setupStep(step)];
  if (step.name === "source")
    return ["Make a source by hand", sourceForm({ back, close, register: () => become({ name: "application" }) })];
  if (step.name === "application") return ["Register an application", applicationForm({ back, close })];
  return ["Add an integration", chooseStep()];
}

const back = () => become({ name: "choose" });

function chooseStep() {
  const applications = lists().applications.filter((application) => setupUrl(application));
  return html`<p class="hint">What should post to this flow?</p>
    <ul class="choices">
      ${applications.map((application) => choiceView(markView(application.name), application.name, "Sets itself up: you only authorise it.", () => beginSetup(application)))}
      ${choiceView(icon("key"), "Make a source by hand", "You get a flow token, and give it to the tool yourself.", () => become({ name: "source" }))}
      ${choiceView(icon("application"), "Register an application", "For a tool that sets itself up: you get its client id and secret.", () => become({ name: "application" }))}
    </ul>`;
}

/**
 * @param {View} mark
 * @param {string} name
 * @param {string} hint
 * @param {() => void} act
 */
const choiceView = (mark, name, hint, act) =>
  html`<li>
    <button type="button" class="choice" @click=${act}>
      <span class="choice-mark">${mark}</span>
      <span class="named"><b dir="auto">${name}</b> <small>${hint}</small></span>
    </button>
  </li>`;

/** @param {Application} application */
function beginSetup(application) {
  become({ name: "setup", application, known: lists().sources.map(({ id }) => id), isOpened: false });
}

/** @param {Extract<Step, { name: "setup" }>} setup */
function setupStep(setup) {
  const { application, known, isOpened } = setup;
  const made = lists().sources.find(({ id, application: { id: of } }) => of === application.id && !known.includes(id));
  if (made) {
    return html`<p role="status">Done. <b dir="auto">${made.name}</b> can now post to this flow.</p>
      <p class="buttons"><button type="button" class="primary" @click=${close}>Done</button></p>`;
  }
  return html`<p><bdi>${application.name}</bdi> asks you to authorise it, and then adds its source.</p>
    <p role="status">${isOpened ? "Finish the setup in the other tab, then come back." : nothing}</p>
    <p class="buttons">
      <button type="button" class="quiet" @click=${back}>Back</button>
      <a
        class="button primary"
        href=${setupUrl(application) ?? nothing}
        target="_blank"
        rel="noopener noreferrer nofollow"
        @click=${() => opened(setup)}
        >${isOpened ? "Open it again" : `Set up ${application.name}`} ${icon("out")}<span class="hidden-text">in a new tab</span></a>
    </p>`;
}

/** @param {Extract<Step, { name: "setup" }>} setup */
function opened(setup) {
  step = { ...setup, isOpened: true };
  redraw();
}
