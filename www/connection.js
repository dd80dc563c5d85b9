// The connection: the inbox and flow to which messages go and from which they come. The URL that the demo prints has the connection in its
// fragment, which browsers send to no server. If the page is opened without a fragment, the user fills in the fields. Tokens are kept in
// memory only. The fragment stays in the address, so that a reload works.

import { ownUrl } from "./api.js";
import { byId } from "./dom.js";

/** @typedef {{ baseUrl: string, organization: string, flow: string, flowToken: string, apiToken: string }} Connection */

const form = byId("connection-form", HTMLFormElement);

/**
 * Reads the connection, and calls `changed` with it now and after each change.
 *
 * @param {(connection: Connection) => void} changed
 */
export function startConnection(changed) {
  const read = () => {
    fromFragment();
    tell();
  };
  const tell = () => {
    const connection = fromFields();
    byId("connection-name").textContent = `${connection.organization}/${connection.flow}`;
    changed(connection);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  // `change` fires when the user leaves a field, so before any click on Post; `input` would fire for each letter.
  form.addEventListener("change", tell);
  addEventListener("hashchange", read);
  read();
}

/** Opens the fields and focuses the first token that is missing. */
export function askForConnection() {
  byId("connection", HTMLDetailsElement).open = true;
  const [flowToken, apiToken] = [input("flow_token"), input("api_token")];
  (flowToken.value === "" ? flowToken : apiToken).focus();
}

/**
 * Fills in another flow token and reports the change.
 *
 * @param {string} flowToken
 */
export function useFlowToken(flowToken) {
  input("flow_token").value = flowToken;
  form.dispatchEvent(new Event("change"));
}

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

function fromFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  const defaults = { base_url: ownUrl, organization: "example", flow: "main", flow_token: "", api_token: "" };
  for (const [name, value] of Object.entries(defaults)) input(name).value = given.get(name) ?? value;
  byId("connection", HTMLDetailsElement).open = !(given.get("flow_token") && given.get("api_token"));
}

function fromFields() {
  /** @param {string} name */
  const value = (name) => input(name).value.trim();
  return {
    baseUrl: value("base_url").replace(/\/+$/, ""),
    organization: value("organization"),
    flow: value("flow"),
    flowToken: value("flow_token"),
    apiToken: value("api_token"),
  };
}
