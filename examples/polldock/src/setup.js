// The setup and the configuration of a source: a user comes from Flowdock to add Polldock to a flow, or to configure it.
//
// In both cases Polldock first asks Flowdock for the user's permission, because anybody can type a setup URI or a configuration URI. The directory
// stores the visit with its access token. The browser has only the id of the visit.

import { FlowdockApi, OAuth, readConfigurationUri, readSetupUri } from "flowdock-integration";
import { webUrl } from "../../support/text.js";
import { cookie, cookieFor } from "./cookie.js";
import { directory } from "./directory.js";
import { readForm, redirect } from "./forms.js";
import { backTo, HOME, notice } from "./page.js";
import { sourcePage } from "./pages.js";

/** @import { Scope } from "flowdock-integration" */
/** @import { AllowedVisit, Flow } from "./directory.js" */
/** @import { Context, Env } from "./worker.js" */

/**
 * The scopes: `flow` allows to find the flow, `integration` to create a source in it.
 *
 * @type {Scope[]}
 */
const SCOPE = ["flow", "integration"];
const COOKIE = "visit";
const COOKIE_SECONDS = 15 * 60;

/** @param {Context} context */
function oauth({ env, url }) {
  return new OAuth({
    baseUrl: env.FLOWDOCK_URL,
    clientId: env.FLOWDOCK_CLIENT_ID,
    clientSecret: env.FLOWDOCK_CLIENT_SECRET,
    redirectUri: `${url.origin}/flowdock/callback`,
  });
}

/**
 * @param {Context} context
 * @param {{ accessToken: string }} visit
 */
function api({ env }, { accessToken }) {
  return new FlowdockApi({ baseUrl: env.FLOWDOCK_URL, accessToken });
}

/**
 * `GET /flowdock/setup?flow=…&flow_url=…`
 *
 * @param {Context} context
 */
export function beginSetup(context) {
  const { flow } = readSetupUri(context.url);
  return askFlowdock(context, { flow });
}

/**
 * `GET /flowdock/configure?integration_id=…&flow=…`
 *
 * @param {Context} context
 */
export function beginConfiguration(context) {
  const { flow, integrationId, source } = readConfigurationUri(context.url);
  return askFlowdock(context, { flow, source: integrationId ?? source });
}

/**
 * @param {Context} context
 * @param {{ flow: string, source?: string }} visit
 */
async function askFlowdock(context, visit) {
  const [id, state] = [crypto.randomUUID(), crypto.randomUUID()];
  await directory(context.env).keepVisit(id, { ...visit, state });
  const location = new URL(oauth(context).authorizeUrl({ scope: SCOPE, state }));
  // Not in Flowdock's documents: the inbox shows on its consent page which flow the user has come from.
  location.searchParams.set("flow", visit.flow);
  const headers = { location: location.href, "set-cookie": cookieFor(context.url, COOKIE, id, COOKIE_SECONDS) };
  return new Response(null, { status: 302, headers });
}

/**
 * `GET /flowdock/callback?code=…&state=…`
 *
 * @param {Context} context
 */
export async function comeBack(context) {
  const { request, env, url } = context;
  const id = cookie(request, COOKIE);
  const begun = await directory(env).visit(id ?? "");
  if (id === undefined || !begun || !("state" in begun)) return over(env);
  const { state, ...visit } = begun;
  const { accessToken } = await oauth(context).exchangeCode({ url, state, scope: SCOPE });
  // This fails for a user who may not see the flow, and who therefore may not add or configure a source of it.
  const flow = await api(context, { accessToken }).findFlow(visit.flow);
  await directory(env).keepVisit(id, { ...visit, accessToken, flow });
  // The redirect removes the code from the browser's address.
  return redirect(url, "/flowdock/source");
}

/**
 * `GET /flowdock/source` shows the flow and asks for confirmation, or shows the settings of the source.
 *
 * @param {Context} context
 */
export async function showSource({ request, env }) {
  const visit = await directory(env).visit(cookie(request, COOKIE) ?? "");
  if (!visit || !("accessToken" in visit)) return over(env);
  if (!visit.source) return sourcePage({ flowName: nameOf(visit.flow) });
  const source = await sourceOf(env, visit);
  return source ? sourcePage({ flowName: nameOf(visit.flow), source }) : unknown(env);
}

/**
 * `POST /flowdock/source`
 *
 * @param {Context} context
 */
export async function saveSource(context) {
  const { request, env } = context;
  const form = await readForm(request);
  const [name, comments] = [form.text("name") || "All polls", form.text("comments") !== ""];
  const visit = await directory(env).endVisit(cookie(request, COOKIE) ?? "");
  if (!visit || !("accessToken" in visit)) return over(env);
  if (visit.source) {
    const source = await sourceOf(env, visit);
    if (!source) return unknown(env);
    await directory(env).setComments(source.id, comments);
    const what = comments ? "everything" : "everything but comments";
    return notice(200, `${source.name} now tells ${nameOf(visit.flow)} of ${what}.`, { links: backTo([source]) });
  }
  const { id, flow_token: flowToken } = await api(context, visit).createSource(visit.flow, { name });
  const [flowName, flowUrl] = [nameOf(visit.flow), webUrl(visit.flow.web_url) ?? ""];
  await directory(env).addSource({ id, name, flowId: visit.flow.id, flowName, flowUrl, flowToken, comments });
  const text = `Polldock is part of ${flowName} now. Whatever happens to a poll is told there.`;
  return notice(200, text, { links: [...backTo([{ flowName, flowUrl }]), { ...HOME, text: "Ask something" }] });
}

/**
 * Finds the source that a visit configures.
 *
 * @param {Env} env
 * @param {AllowedVisit} visit
 */
async function sourceOf(env, { source: wanted, flow }) {
  const sources = await directory(env).sources();
  return sources.find((source) => source.id === String(wanted) && source.flowId === flow.id);
}

/** @param {Flow} flow */
function nameOf({ name, parameterized_name: parameterizedName, organization }) {
  return `${organization.name ?? organization.parameterized_name}/${name ?? parameterizedName}`;
}

/** @param {Env} env */
function over(env) {
  const text = "This took too long, is done already, or began in another browser. Please begin again in Flowdock.";
  return notice(400, text, toFlowdock(env));
}

/** @param {Env} env */
function unknown(env) {
  const text = "Polldock knows nothing of this source any more. Remove it in Flowdock, and add Polldock anew.";
  return notice(404, text, toFlowdock(env));
}

/**
 * The links of a notice after which the user begins again in Flowdock.
 *
 * @param {Env} env
 */
export function toFlowdock({ FLOWDOCK_URL: url }) {
  return { links: [{ url, text: "Open Flowdock" }, HOME] };
}
