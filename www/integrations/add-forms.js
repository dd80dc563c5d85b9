// The two forms of the dialog that adds an integration. What the inbox says against a field stands at the field.

import { connection } from "../connection/connection.js";
import { flowPath, RefusedError, reasonOf, request } from "../page/api.js";
import { describedBy, fieldView, invalid, textField } from "../page/field.js";
import { focusAfterDrawing } from "../page/focus.js";
import { redraw } from "../page/redraw.js";
import { html, nothing } from "../page/render.js";
import { lists, reloadIntegrations } from "./lists.js";
import { secretsOf, showSecrets } from "./secrets.js";

/** @import { View } from "../page/render.js" */

/** What each form calls when the user leaves it. @typedef {{ back: () => void, close: () => void }} Ways */

/** @type {Record<string, string>} */
let errors = {};
/** A problem that is not that of a field. */
let problem = "";
let isSending = false;

/** @param {Ways & { register: () => void }} ways */
export function sourceForm({ back, close, register }) {
  const { applications } = lists();
  if (applications.length === 0) {
    return html`<p>A source belongs to an application, and none is registered yet.</p>
      ${buttonsView("Register an application", back, register)}`;
  }
  const field = { id: "source-application", label: "Application", error: errorOf("application", "Application") };
  const control = html`<select id=${field.id} name="application" aria-invalid=${invalid(field)} aria-describedby=${describedBy(field)}>
    ${applications.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
  </select>`;
  return formView(
    "Make the source",
    back,
    html`${inputView({ id: "source-name", name: "name", label: "Name", hint: "Shown beside each message." })}
      ${fieldView({ ...field, control })}`,
    async ({ name, application }) => {
      const asked = connection();
      const body = { name, application: Number(application) };
      const source = await request(asked, "POST", `${flowPath(asked)}/sources`, { body });
      close();
      const values = { "Flow token": source.flow_token };
      showSecrets({ kind: "source", id: source.id, baseUrl: asked.baseUrl, name: source.name, values });
    },
  );
}

/** @param {Ways} ways */
export const applicationForm = ({ back, close }) =>
  formView(
    "Register",
    back,
    html`${inputView({ id: "application-name", name: "name", label: "Name" })}
    ${inputView({
      id: "redirect-uris",
      name: "redirect_uris",
      label: "Redirect URIs",
      kind: "url",
      hint: "Separate several with spaces. Without one, the inbox shows the authorisation code.",
    })}
    ${inputView({
      id: "setup-uri",
      name: "setup_uri",
      label: "Setup URI",
      kind: "url",
      hint: "The page where the application is set up for a flow. Without one, you make its sources by hand.",
    })}
    ${inputView({
      id: "configuration-uri",
      name: "configuration_uri",
      label: "Configuration URI",
      kind: "url",
      hint: "Where its sources are configured.",
    })}`,
    async (given) => {
      const asked = connection();
      // The name is asked for; other empty fields are left out of the request.
      const entries = Object.entries(given).filter(([name, value]) => name === "name" || value.trim() !== "");
      const body = Object.fromEntries(entries);
      const application = await request(asked, "POST", "/oauth/applications", { body });
      close();
      const { id, name } = application;
      showSecrets({ kind: "application", id, baseUrl: asked.baseUrl, name, values: secretsOf(application) });
    },
  );

/**
 * A text field with what the inbox says against it.
 *
 * @param {{ id: string, name: string, label: string, hint?: string, kind?: "url" }} field
 */
const inputView = (field) => textField({ ...field, error: errorOf(field.name, field.label) });

/**
 * What the inbox says against a field, as a sentence: an error of the inbox continues the label, as `can't be blank` does.
 *
 * @param {string} name
 * @param {string} label
 */
const errorOf = (name, label) => (errors[name] ? `${label} ${errors[name]}.` : "");

/**
 * @param {string} yes The words of the button that sends the form.
 * @param {() => void} back
 * @param {View} fields
 * @param {(values: Record<string, string>) => Promise<void>} send
 */
const formView = (yes, back, fields, send) =>
  html`<form novalidate @submit=${(/** @type {SubmitEvent} */ event) => submit(event, send)}>
    ${fields}
    <p class="note" data-severity="error" role="alert">${problem}</p>
    ${buttonsView(yes, back)}
  </form>`;

/**
 * @param {string} yes
 * @param {() => void} back
 * @param {() => void} [act] Without it, the button sends the form around it.
 */
const buttonsView = (yes, back, act) =>
  html`<p class="buttons">
    <button type="button" class="quiet" @click=${back}>Back</button>
    <button type=${act ? "button" : "submit"} class="primary" aria-disabled=${isSending} @click=${act ?? nothing}>${yes}</button>
  </p>`;

/** Forgets what was wrong with a form that is not shown any more. */
export function forgetErrors() {
  errors = {};
  problem = "";
}

/**
 * Sends a form. If the inbox refuses it, its fields say why, and the first wrong one gets the focus.
 *
 * @param {SubmitEvent} event
 * @param {(values: Record<string, string>) => Promise<void>} send
 */
async function submit(event, send) {
  event.preventDefault();
  if (isSending) return;
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  isSending = true;
  forgetErrors();
  redraw();
  try {
    await send(values);
  } catch (error) {
    const all = error instanceof RefusedError ? error.fieldErrors : {};
    /** @param {[string, string]} entry */
    const isShown = ([name]) => form.elements.namedItem(name) !== null;
    errors = Object.fromEntries(Object.entries(all).filter(isShown));
    if (Object.keys(errors).length === 0) problem = reasonOf(error);
  }
  isSending = false;
  redraw();
  focusAfterDrawing(() => form.querySelector('[aria-invalid="true"]'));
  reloadIntegrations();
}
