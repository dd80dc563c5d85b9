// Runs Polldock on this machine with an inbox. start.js and the tests use it.

import { randomBytes } from "node:crypto";
import { startWorker } from "../support/worker.js";

/**
 * Registers Polldock with an inbox and starts it.
 *
 * @param {{ url: string, apiToken: string }} inbox The inbox's base URL, and its owner's token.
 * @param {Record<string, string | number>} [variables] More variables of the worker.
 * @returns {Promise<{ url: string, application: object, worker: import("miniflare").Miniflare }>} The application as
 *   the inbox stores it, with client id and secret.
 */
export async function startPolldock(inbox, variables) {
  const applications = `${inbox.url}/oauth/applications`;
  const { id, client_id, client_secret } = await send(inbox, "POST", applications, { name: "Polldock" });
  const worker = await startWorker(new URL("src/worker.js", import.meta.url), {
    bindings: {
      FLOWDOCK_URL: inbox.url,
      FLOWDOCK_CLIENT_ID: client_id,
      FLOWDOCK_CLIENT_SECRET: client_secret,
      SESSION_SECRET: randomBytes(32).toString("hex"),
      ...variables,
    },
    durableObjects: {
      POLLS: { className: "Poll", useSQLite: true },
      DIRECTORY: { className: "Directory", useSQLite: true },
    },
  });
  // The worker takes any free port, so its address is known only now.
  const url = (await worker.ready).origin;
  const application = await send(inbox, "PUT", `${applications}/${id}`, {
    redirect_uris: [`${url}/flowdock/callback`],
    setup_uri: `${url}/flowdock/setup`,
    configuration_uri: `${url}/flowdock/configure`,
  });
  return { url, application: { ...application, client_secret }, worker };
}

/**
 * @param {{ apiToken: string }} inbox
 * @param {string} method
 * @param {string} url
 * @param {object} fields
 * @returns {Promise<any>} The application as the inbox stores it.
 */
async function send({ apiToken }, method, url, fields) {
  const headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(fields) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
