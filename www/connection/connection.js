// The connection: the inbox and flow to which messages go and from which they come. The URL that the demo prints has the connection in its
// fragment, which browsers send to no server. The page takes the tokens out of its address at once, so that no history has them. It trades
// the API token of its own inbox for a session. A token belongs to the base URL that it was given for, and goes to no other.

import { go, place, read } from "../page/address.js";
import { onTokenRefused, ownUrl } from "../page/api.js";
import { keep, kept } from "../page/kept.js";
import { redraw } from "../page/redraw.js";
import { webUrl } from "../page/text.js";
import { toast } from "../page/toast.js";
import { endSession, forgetSession, MISSING, signIn } from "./session.js";

/**
 * `token` is the token to read with: that of the session, or the API token of an inbox that does not serve this page. If it is empty,
 * `problem` says why. If both are empty, the page is still signing in.
 *
 * @typedef Connection
 * @property {string} baseUrl
 * @property {string} organization
 * @property {string} flow
 * @property {string} flowToken
 * @property {string} token
 * @property {string} problem
 * @property {boolean} isLinked Whether a link has named this inbox, which does not serve this page, and the user has not confirmed it.
 */

/** The wait between two attempts to sign in to an inbox that does not answer. */
const RETRY_MS = 5_000;

/** What an address without these keys means. @type {Record<string, string>} */
const DEFAULTS = { base_url: ownUrl, organization: "example", flow: "main" };

/** @typedef {{ baseUrl: string, organization: string, flow: string }} Flow */

/** @type {Flow} */
let flow = { baseUrl: ownUrl, organization: DEFAULTS.organization, flow: DEFAULTS.flow };
let flowToken = "";
/** The API token that the user has given for this base URL. Only this page's memory has it. */
let apiToken = "";

/** The session with the inbox that serves this page. Without a session, its token is the empty text. */
let session = { token: "", problem: "" };

/** The number of attempts to sign in so far. The result of an older attempt is ignored. */
let attempts = 0;

/** @type {(connection: Connection) => void} */
let tellOthers = () => {};

/** The base URLs of others that the user has typed or confirmed. @type {Set<string>} */
const trusted = new Set();

/** Whether a link has named the inbox of somebody else, and the user has not confirmed it. Until then nothing is sent there. */
let isLinked = false;

/** The flow token of the address, while it is not clear whether it may replace the one that the browser keeps. */
let offeredToken = "";

/** The connection as it is now. @returns {Connection} */
export function connection() {
  if (isLinked)
    return { ...flow, flowToken: "", token: "", problem: `a link names the inbox at ${hostOf(flow)}`, isLinked };
  const foreign = { token: apiToken, problem: apiToken === "" ? MISSING : "" };
  return { ...flow, flowToken, ...(isOwn(flow) ? session : foreign), isLinked };
}

/**
 * Whether the inbox is the one that serves this page.
 *
 * @param {Pick<Connection, "baseUrl">} connection
 */
export const isOwn = ({ baseUrl }) => baseUrl === ownUrl;

/**
 * The host of an inbox.
 *
 * @param {Pick<Connection, "baseUrl">} connection
 */
export const hostOf = ({ baseUrl }) => (URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl);

/** Opens the inbox that a link has named. */
export function confirmLink() {
  trusted.add(flow.baseUrl);
  isLinked = false;
  enter();
}

/**
 * Reads the connection, and calls `changed` with it now and after each change.
 *
 * @param {(connection: Connection) => void} changed
 */
export function startConnection(changed) {
  tellOthers = changed;
  const follow = () => {
    const given = read();
    const query = given.size > 0 ? Object.fromEntries(given) : place().query;
    const { base_url: baseUrl, organization, flow: name } = { ...DEFAULTS, ...query };
    const isSame = baseUrl === flow.baseUrl && organization === flow.organization && name === flow.flow;
    if (isSame && given.size === 0 && attempts > 0) return;
    useFlow({ baseUrl: webUrl(baseUrl) ? baseUrl : ownUrl, organization, flow: name });
    isLinked = !isOwn(flow) && !trusted.has(flow.baseUrl);
    // Only a list of settings has tokens, as the demo and self-hosters print it.
    offeredToken = given.get("flow_token") ?? "";
    apiToken = given.get("api_token") ?? "";
    enter();
  };
  // A changed fragment fires `hashchange`; going back fires `popstate`.
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  onTokenRefused(({ baseUrl, token }) => {
    if (!isOwn({ baseUrl }) || token === "" || token !== session.token) return;
    // Forget the session now, and not only with the next attempt: a server that refuses the token only for some paths must not cause endless attempts.
    forgetSession(token);
    enter("the session has ended, and the API token is needed again");
  });
  follow();
}

/**
 * Changes the base URL, the organisation or the flow. Another base URL has other tokens.
 *
 * @param {Partial<Flow>} changes
 */
export function changeFlow(changes) {
  const before = flow.baseUrl;
  useFlow({ ...flow, ...changes });
  // What the user types needs no confirmation.
  trusted.add(flow.baseUrl);
  isLinked = false;
  if (flow.baseUrl === before) tell();
  else enter();
}

/**
 * Posts with another flow token from now on, or with none.
 *
 * @param {string} token
 */
export function useFlowToken(token) {
  flowToken = token.trim();
  keep("flow token", flow.baseUrl, flowToken);
  if (attempts > 0) tell();
}

/**
 * Signs in with an API token that the user has given.
 *
 * @param {string} token
 */
export function useApiToken(token) {
  apiToken = token.trim();
  if (isOwn(flow) && apiToken !== "") enter();
  else tell();
}

/** The API token that the user has given and that no session has replaced. */
export const givenApiToken = () => apiToken;

/** Ends this page's session. The browser then keeps no token of this inbox. Throws if the inbox does not answer: the session is still good. */
export async function signOut() {
  const { token } = session;
  // Before the request: the end of the session ends the stream, and the page then asks whether its token is still good.
  session = { token: "", problem: "signing out" };
  try {
    await endSession(token);
  } catch (error) {
    session = { token, problem: "" };
    throw error;
  }
  keep("flow token", flow.baseUrl, "");
  // Nothing of what was read or written stays in the tab.
  sessionStorage.clear();
  location.reload();
}

/** @param {Flow} newFlow */
function useFlow({ baseUrl, organization, flow: name }) {
  const url = baseUrl.trim().replace(/\/+$/, "");
  if (url !== flow.baseUrl || attempts === 0) {
    flowToken = kept("flow token", url);
    apiToken = "";
  }
  flow = { baseUrl: url, organization: organization.trim(), flow: name.trim() };
}

/** Signs in, if the inbox is the one that serves this page. `missing` is the problem to show if there is nothing to sign in with. */
async function enter(missing = MISSING) {
  attempts += 1;
  const attempt = attempts;
  session = { token: "", problem: "" };
  if (!isOwn(flow) && !isLinked) takeOfferedToken(true);
  tell();
  if (!isOwn(flow)) return;
  const { token, problem, isNew, isFinal } = await signIn(apiToken);
  if (attempt !== attempts) return;
  takeOfferedToken(isNew);
  session = { token, problem: problem === MISSING ? missing : problem };
  // The session takes the place of the API token.
  if (token !== "") apiToken = "";
  tell();
  if (!isFinal) setTimeout(() => attempt === attempts && enter(), RETRY_MS);
}

/**
 * Takes the flow token of the address. A link alone must not replace the token that the browser keeps: posts would go to the flow of
 * whoever has made the link.
 *
 * @param {boolean} isProven Whether the address also had what opens the inbox, or the user has confirmed it.
 */
function takeOfferedToken(isProven) {
  const token = offeredToken;
  offeredToken = "";
  if (token === "" || token === flowToken) return;
  if (flowToken === "" || isProven) useFlowToken(token);
  else
    toast("The link has another flow token than this browser.", { button: "Use it", act: () => useFlowToken(token) });
}

/** Writes what is not the default into the address, and tells the rest of the page. */
function tell() {
  const { baseUrl, organization, flow: name } = flow;
  const query = { base_url: baseUrl, organization, flow: name };
  const differing = Object.entries(query).map(([key, value]) => [key, DEFAULTS[key] === value ? "" : value]);
  go({ query: Object.fromEntries(differing) }, { isSame: true });
  tellOthers(connection());
  redraw();
}
