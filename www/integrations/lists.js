// What the inbox knows of a flow's integrations: its sources, the applications, and who has access. It is loaded for the whole page: the
// inbox shows the sources and their errors too.

import { flowPath, RefusedError, reasonOf, request } from "../page/api.js";
import { redraw } from "../page/redraw.js";
import { tellOfSources } from "./source-news.js";

/** @import { Connection } from "../connection/connection.js" */

/**
 * The objects of the inbox's API that these views use.
 *
 * @typedef {{ id: string, url: string }} ApiFlow
 * @typedef {{ id: number, name: string, client_id: string, setup_uri?: string, configuration_uri?: string }} Application
 * @typedef {{ id: number, name: string, application: Pick<Application, "id" | "name" | "configuration_uri">, external_url?: string,
 *   configuration_url?: string, error_message?: string, last_message_at?: string | null }} Source
 * @typedef {{ id: number, application: { id: number, name: string }, scopes: string[], created_at: string | null }} Grant
 * @typedef {{ id: number, browser: string, current: boolean, created_at: string }} Session
 */

/**
 * What was loaded. Without `flow`, nothing was.
 *
 * @typedef {{ flow?: ApiFlow, sources: Source[], applications: Application[], grants: Grant[], sessions: Session[] }} Lists
 */

/** @type {Lists} */
const NOTHING = { sources: [], applications: [], grants: [], sessions: [] };

/** @type {Lists} */
let loaded = NOTHING;

/** @type {Connection | undefined} */
let connection;

/** Why there is nothing new: the inbox refused or did not answer. */
let problem = "";

/** The number of attempts so far. The answer to an older one is ignored. */
let attempts = 0;

/** The lists as last loaded. */
export const lists = () => loaded;

/** Why the lists could not be loaded, or an empty text. */
export const listsProblem = () => problem;

/**
 * Shows the integrations of the connection's flow: loads them, unless they are those that are shown already.
 *
 * @param {Connection} newConnection
 */
export function showIntegrations(newConnection) {
  const before = connection;
  connection = newConnection;
  const isSameFlow = before !== undefined && flowOf(before) === flowOf(connection);
  if (isSameFlow && before.token === connection.token && before.problem === connection.problem) return;
  if (!isSameFlow || connection.token === "") loaded = NOTHING;
  reloadIntegrations();
}

/** Loads the lists again. Never rejects. */
export async function reloadIntegrations() {
  attempts += 1;
  const attempt = attempts;
  const asked = connection;
  if (!asked || asked.token === "") {
    problem = "";
    redraw();
    return;
  }
  /** @type {Lists} */
  let found;
  let reason = "";
  try {
    found = await load(asked);
  } catch (error) {
    // What an inbox that does not answer has said before is still the best that there is.
    found = error instanceof RefusedError ? NOTHING : loaded;
    reason = reasonOf(error);
  }
  if (attempt !== attempts) return;
  loaded = found;
  problem = reason;
  if (reason === "") tellOfSources(flowOf(asked), found.sources);
  redraw();
}

// Whoever comes back from an application's setup sees its new source.
addEventListener("focus", reloadIntegrations);

/** @param {Connection} connection */
const flowOf = (connection) => `${connection.baseUrl}${flowPath(connection)}`;

/**
 * @param {Connection} connection
 * @returns {Promise<Lists>}
 */
async function load(connection) {
  const path = flowPath(connection);
  const paths = [path, `${path}/sources`, "/oauth/applications", "/oauth/grants", "/sessions"];
  const answers = await Promise.all(paths.map((path) => request(connection, "GET", path)));
  const [flow, sources, applications, grants, sessions] = answers;
  return { flow, sources, applications, grants, sessions };
}
