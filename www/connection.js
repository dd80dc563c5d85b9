// The connection: the inbox and flow to which messages go and from which they come. The URL that the demo prints has the connection in its
// fragment, which browsers send to no server. The page takes the tokens out of its address at once, so that no history has them. It trades
// the API token of its own inbox for a session. A token belongs to the base URL that it was given for, and goes to no other.

import { onTokenRefused, ownUrl } from "./api.js";
import { byId } from "./dom.js";
import { keep, kept } from "./kept.js";
import { forgetSession, MISSING, signIn } from "./session.js";

/**
 * `token` is the token to read with: that of the session, or the API token of an inbox that does not serve this page. If it is empty,
 * `problem` says why. If both are empty, the page is just signing in.
 *
 * @typedef Connection
 * @property {string} baseUrl
 * @property {string} organization
 * @property {string} flow
 * @property {string} flowToken
 * @property {string} token
 * @property {string} problem
 */

/** The wait between two attempts to sign in to an inbox that does not answer. */
const RETRY_MS = 5_000;

/** The values of the fields that a URL without a fragment means. */
const DEFAULTS = { base_url: ownUrl, organization: "example", flow: "main" };

const form = byId("connection-form", HTMLFormElement);
const details = byId("connection", HTMLDetailsElement);

/** The session with the inbox that serves this page. Without a session, its token is the empty text. */
let session = { token: "", problem: "" };

/**
 * The base URL that the tokens in the fields belong to.
 *
 * @type {string}
 */
let tokensOf;

/** How often the page has begun to sign in. The result of an older attempt is ignored. */
let attempts = 0;

/**
 * Reads the connection, and calls `changed` with it now and after each change.
 *
 * @param {(connection: Connection) => void} changed
 */
export function startConnection(changed) {
  const tell = () => {
    const connection = current();
    byId("connection-name").textContent = `${connection.organization}/${connection.flow}`;
    input("api_token").placeholder = isOwn(connection) && connection.token !== "" ? "signed in" : "";
    showInAddress(connection);
    changed(connection);
  };

  /** Signs in, if the inbox is the one that serves this page. `missing` is the problem to show if there is nothing to sign in with. */
  const enter = async (missing = MISSING) => {
    attempts += 1;
    const attempt = attempts;
    session = { token: "", problem: "" };
    tell();
    if (!isOwn(current())) return;
    const { token, problem, isFinal } = await signIn(input("api_token").value.trim());
    if (attempt !== attempts) return;
    session = { token, problem: problem === MISSING ? missing : problem };
    // The session takes the place of the API token.
    if (token !== "") input("api_token").value = "";
    tell();
    if (!isFinal) setTimeout(() => attempt === attempts && enter(), RETRY_MS);
  };

  const read = async () => {
    readFragment();
    await enter();
    const { flowToken, token } = current();
    details.open = flowToken === "" || token === "";
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  // `change` fires when the user leaves a field, so before any click on Post; `input` would fire for each letter.
  form.addEventListener("change", () => {
    const { baseUrl, flowToken } = current();
    if (baseUrl !== tokensOf) {
      useTokensOf(baseUrl);
      enter();
      return;
    }
    keep("flow token", baseUrl, flowToken);
    if (isOwn({ baseUrl }) && input("api_token").value.trim() !== "") enter();
    else tell();
  });
  addEventListener("hashchange", read);
  onTokenRefused(({ baseUrl, token }) => {
    if (!isOwn({ baseUrl }) || token === "" || token !== session.token) return;
    // Forgotten here as well as by the next attempt: a server that refuses the token only for some paths must not cause endless attempts.
    forgetSession(token);
    details.open = true;
    enter("the session has ended, and the API token is needed again");
  });
  read();
}

/** Opens the fields and focuses the first token that is missing. */
export function askForConnection() {
  details.open = true;
  const [flowToken, apiToken] = [input("flow_token"), input("api_token")];
  (flowToken.value === "" ? flowToken : apiToken).focus();
}

/**
 * Fills in another flow token, or none, and reports the change.
 *
 * @param {string} flowToken
 */
export function useFlowToken(flowToken) {
  input("flow_token").value = flowToken;
  form.dispatchEvent(new Event("change"));
}

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/**
 * Whether the inbox is the one that serves this page.
 *
 * @param {Pick<Connection, "baseUrl">} connection
 */
const isOwn = ({ baseUrl }) => baseUrl === ownUrl;

/** Fills in the fields from the address. The address keeps no token. */
function readFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(DEFAULTS)) input(name).value = given.get(name) ?? value;
  const { baseUrl } = current();
  useTokensOf(baseUrl);
  const flowToken = given.get("flow_token");
  if (flowToken) {
    input("flow_token").value = flowToken;
    keep("flow token", baseUrl, flowToken);
  }
  input("api_token").value = given.get("api_token") ?? "";
}

/**
 * Replaces the tokens in the fields by those that the browser keeps for an inbox.
 *
 * @param {string} baseUrl
 */
function useTokensOf(baseUrl) {
  tokensOf = baseUrl;
  input("flow_token").value = kept("flow token", baseUrl);
  input("api_token").value = "";
}

/**
 * Writes what is not the default into the address of this page, without the tokens and without a new entry in the history.
 *
 * @param {Connection} connection
 */
function showInAddress({ baseUrl, organization, flow }) {
  const fragment = new URLSearchParams({ base_url: baseUrl, organization, flow });
  for (const [name, value] of Object.entries(DEFAULTS)) if (fragment.get(name) === value) fragment.delete(name);
  const text = String(fragment);
  history.replaceState(history.state, "", location.pathname + location.search + (text === "" ? "" : `#${text}`));
}

/** @returns {Connection} */
function current() {
  /** @param {string} name */
  const value = (name) => input(name).value.trim();
  const baseUrl = value("base_url").replace(/\/+$/, "");
  const apiToken = value("api_token");
  const foreign = { token: apiToken, problem: apiToken === "" ? MISSING : "" };
  return {
    baseUrl,
    organization: value("organization"),
    flow: value("flow"),
    flowToken: value("flow_token"),
    ...(isOwn({ baseUrl }) ? session : foreign),
  };
}
