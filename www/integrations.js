// The panel of integrations: it lists the sources of the flow, and new sources are made there, by an application's setup or by hand. It
// also lists who has access to the inbox, so that the owner can end that.

import { grantItem, sessionItem } from "./access.js";
import { flowPath, reasonOf, request } from "./api.js";
import { useFlowToken } from "./connection.js";
import { byId, confirmButton, el, webUrl } from "./dom.js";

/** @import { Grant, Session } from "./access.js" */
/** @import { Connection } from "./connection.js" */

/**
 * The objects of the inbox's API that this panel uses.
 *
 * @typedef {{ id: string, url: string }} Flow
 * @typedef {{ id: number, name: string, client_id: string, setup_uri?: string, configuration_uri?: string }} Application
 * @typedef {{ id: number, name: string, application: Application, external_url?: string, configuration_url?: string, error_message?: string }} Source
 * @typedef {{ flow?: Flow, sources: Source[], applications: Application[], grants: Grant[], sessions: Session[] }} Found
 */

const problem = byId("integrations-problem");

/** @type {Connection} */
let connection;

/**
 * The data that the panel shows, as JSON, to notice whether new data differ.
 *
 * @type {string}
 */
let shown;

/** Prepares the panel. */
export function startIntegrations() {
  onSubmit("source-form", makeSource);
  onSubmit("application-form", registerApplication);
  // Reloads when the user comes back from an application's setup, so that the new source is shown.
  addEventListener("focus", showAll);
}

/**
 * Shows the integrations of the connection's flow.
 *
 * @param {Connection} newConnection
 */
export function showIntegrations(newConnection) {
  connection = newConnection;
  for (const id of ["source-secret", "application-secret"]) byId(id).replaceChildren();
  showAll();
}

async function showAll() {
  const asked = connection;
  /** @type {Found} */
  let found = { sources: [], applications: [], grants: [], sessions: [] };
  let reason = "";
  if (asked.problem !== "") reason = `To see the integrations, sign in under Connection: ${asked.problem}.`;
  else if (asked.token !== "") {
    try {
      found = await load(asked);
    } catch (error) {
      reason = reasonOf(error);
    }
  }
  // The user may have changed the connection while the requests were in flight.
  if (asked !== connection) return;
  problem.textContent = reason;
  // If nothing has changed, the panel is not redrawn: the click that focuses this page may be on one of its buttons.
  const facts = JSON.stringify([found, reason]);
  if (facts === shown) return;
  shown = facts;
  const { flow, sources, applications, grants, sessions } = found;
  byId("sources").replaceChildren(...sources.map((source) => sourceItem(source, flow)));
  byId("no-sources").hidden = sources.length > 0 || !flow;
  byId("applications").replaceChildren(...applications.map((application) => applicationItem(application, flow)));
  keepChoice(byId("source-application", HTMLSelectElement), applications);
  byId("grants").replaceChildren(...grants.map((grant) => grantItem(grant, () => revoke(grant))));
  byId("no-grants").hidden = grants.length > 0 || !flow;
  byId("sessions").replaceChildren(...sessions.map((session) => sessionItem(session, () => end(session))));
}

/**
 * @param {Connection} connection
 * @returns {Promise<Found>}
 */
async function load(connection) {
  const path = flowPath(connection);
  const paths = [path, `${path}/sources`, "/oauth/applications", "/oauth/grants", "/sessions"];
  const answers = await Promise.all(paths.map((path) => request(connection, "GET", path)));
  const [flow, sources, applications, grants, sessions] = answers;
  return { flow, sources, applications, grants, sessions };
}

/**
 * @param {Source} source
 * @param {Flow | undefined} flow
 */
function sourceItem(source, flow) {
  const { id, name, application, error_message: errorMessage } = source;
  const external = webUrl(source.external_url);
  const configure = webUrl(source.configuration_url ?? application.configuration_uri);
  return el(
    "li",
    { "data-source-id": id },
    el("p", {}, el("b", {}, external ? outwards(external, name) : name), el("small", {}, ` ${application.name}`)),
    errorMessage ? el("p", { class: "source-error" }, errorMessage) : null,
    el(
      "p",
      { class: "links" },
      configure ? outwards(withQuery(configure, { integration_id: id, flow: flow?.id }), "Configure") : null,
      confirmButton({
        text: "Remove",
        question: "Remove for good?",
        label: `Remove ${name}`,
        act: () => removeSource(source),
      }),
    ),
  );
}

/** @param {Source} source */
function removeSource({ id }) {
  return attempt(() => request(connection, "DELETE", `${flowPath(connection)}/sources/${id}`));
}

/**
 * @param {Application} application
 * @param {Flow | undefined} flow
 */
function applicationItem(application, flow) {
  const { id, name, client_id: clientId } = application;
  const setup = webUrl(application.setup_uri);
  return el(
    "li",
    { "data-application-id": id },
    el("p", {}, el("b", {}, name), el("small", {}, " client id ", el("code", {}, clientId))),
    setup ? null : el("p", { class: "hint" }, "It has no setup URI; its sources are made by hand."),
    el(
      "p",
      { class: "links" },
      setup ? outwards(withQuery(setup, { flow: flow?.id, flow_url: flow?.url }), "Set up") : null,
      confirmButton({
        text: "New secret",
        question: "Replace the secret?",
        label: `New secret of ${name}`,
        act: () => renewSecret(application),
      }),
      confirmButton({
        text: "Remove",
        question: "Remove with its sources?",
        label: `Remove ${name}`,
        act: () => removeApplication(application),
      }),
    ),
  );
}

/** @param {Application} application */
async function renewSecret({ id, name }) {
  const renewed = await attempt(() => request(connection, "POST", `/oauth/applications/${id}/secret`));
  if (!renewed) return;
  const advice =
    `The old secret of ${name} is good for one more day. ` +
    "Until then actions are signed with the old one, so let the application accept both.";
  showSecret("application-secret", secretsOf(renewed), el("p", {}, advice));
}

/** @param {Application} application */
function removeApplication({ id }) {
  byId("application-secret").replaceChildren();
  return attempt(() => request(connection, "DELETE", `/oauth/applications/${id}`));
}

/** @param {Grant} grant */
function revoke({ id }) {
  return attempt(() => request(connection, "DELETE", `/oauth/grants/${id}`));
}

/**
 * Ends a session. Whoever signs out on this page leaves no token in this browser.
 *
 * @param {Session} session
 */
function end({ id, current }) {
  return attempt(async () => {
    await request(connection, "DELETE", `/sessions/${id}`);
    if (current) useFlowToken("");
  });
}

/** @param {HTMLFormElement} form */
async function makeSource(form) {
  const { name, application } = Object.fromEntries(new FormData(form));
  const body = { name, application: Number(application) };
  const source = await attempt(() => request(connection, "POST", `${flowPath(connection)}/sources`, { body }));
  if (!source) return;
  /** @type {HTMLInputElement} */ (form.elements.namedItem("name")).value = "";
  const use = el(
    "button",
    { type: "button", class: "quiet", click: () => useFlowToken(source.flow_token) },
    "Post with it",
  );
  showSecret("source-secret", { "Flow token": source.flow_token }, use);
}

/** @param {HTMLFormElement} form */
async function registerApplication(form) {
  // Empty fields are left out of the request.
  const body = Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim() !== ""));
  const application = await attempt(() => request(connection, "POST", "/oauth/applications", { body }));
  if (!application) return;
  form.reset();
  showSecret("application-secret", secretsOf(application));
}

/** @param {{ client_id: string, client_secret: string }} application The answer that contains the secret. */
const secretsOf = (application) => ({
  "Client id": application.client_id,
  "Client secret": application.client_secret,
});

/**
 * @param {string} id
 * @param {Record<string, string>} secrets
 * @param {Node[]} more
 */
function showSecret(id, secrets, ...more) {
  /** @param {[string, string]} entry */
  const fact = ([name, secret]) => [el("dt", {}, name), el("dd", {}, el("code", {}, secret))];
  const facts = Object.entries(secrets).flatMap(fact);
  byId(id).replaceChildren(el("p", { class: "hint" }, "Shown this one time:"), el("dl", {}, facts), ...more);
}

/**
 * Runs an action and reloads the panel. If the action fails, the panel shows the reason, and the result is undefined.
 *
 * @template T
 * @param {() => Promise<T>} action
 */
async function attempt(action) {
  let result;
  let reason = "";
  try {
    result = await action();
  } catch (error) {
    reason = reasonOf(error);
  }
  await showAll();
  if (reason !== "") problem.textContent = reason;
  return result;
}

/**
 * @param {string} id The id of a form.
 * @param {(form: HTMLFormElement) => void} handle
 */
function onSubmit(id, handle) {
  const form = byId(id, HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handle(form);
  });
}

/**
 * @param {HTMLSelectElement} select
 * @param {Application[]} applications
 */
function keepChoice(select, applications) {
  const { value } = select;
  select.replaceChildren(...applications.map(({ id, name }) => el("option", { value: id }, name)));
  if (applications.some(({ id }) => String(id) === value)) select.value = value;
}

/**
 * @param {string} address
 * @param {Record<string, string | number | undefined>} parameters
 */
function withQuery(address, parameters) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/**
 * @param {string} href
 * @param {string} name
 */
const outwards = (href, name) => el("a", { href, target: "_blank", rel: "noopener noreferrer" }, name);
