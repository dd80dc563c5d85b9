// Where messages go and come from. The demo's URL says it in its fragment, which is sent to no server; who opens the
// page without one fills the fields in. Tokens are kept in memory only. The fragment stays in the address, for the next
// reload.

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
  // Not with each letter; whoever clicks on Post has left the field before.
  form.addEventListener("change", tell);
  addEventListener("hashchange", read);
  read();
}

/** Opens the fields and goes to the first one that is missing. */
export function askForConnection() {
  byId("connection", HTMLDetailsElement).open = true;
  const [flowToken, apiToken] = [input("flow_token"), input("api_token")];
  (flowToken.value === "" ? flowToken : apiToken).focus();
}

/**
 * Takes over another flow token, and tells of it.
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
