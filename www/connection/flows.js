// The flows of the connection's inbox, to choose from.

import { request } from "../page/api.js";
import { redraw } from "../page/redraw.js";

/** @import { Connection } from "./connection.js" */

/** @typedef {{ id: string, name: string, parameterized_name: string, organization: { name: string, parameterized_name: string } }} ListedFlow */

/** @type {ListedFlow[]} */
let loaded = [];
/** Whose flows are loaded: the base URL and the token. */
let asked = "";

/** The flows as last loaded. Without access to the inbox there are none. */
export const flows = () => loaded;

/** Forgets whose flows are loaded, so that the next call of `loadFlows` asks again. */
export function forgetFlows() {
  asked = "";
}

/**
 * Loads the flows, unless they were already asked for with the same access.
 *
 * @param {Connection} connection
 */
export async function loadFlows(connection) {
  const access = JSON.stringify([connection.baseUrl, connection.token]);
  if (access === asked) return;
  asked = access;
  /** @type {ListedFlow[]} */
  let found = [];
  if (connection.token !== "") {
    try {
      found = await request(connection, "GET", "/flows");
    } catch {
      // One can still write the flow's name. Why the inbox does not answer is said elsewhere.
    }
  }
  if (access !== asked) return;
  loaded = found;
  redraw();
}
