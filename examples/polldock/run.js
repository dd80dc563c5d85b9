// Polldock on this machine, beside an inbox: what start.js and the tests have in common.

import { randomBytes } from "node:crypto";
import { startWorker } from "../support/worker.js";

/**
 * Registers Polldock with an inbox and starts it.
 *
 * @param {{ url: string, apiToken: string }} inbox Its base URL, and its owner's token.
 * @param {Record<string, string | number>} [variables] More of the worker's.
 * @returns {Promise<{ url: string, application: object, worker: import("miniflare").Miniflare }>} The application as the
 *   inbox knows it, client id and secret included.
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
      NEXT_TRY_SECONDS: 60,
      ...variables,
    },
    durableObjects: {
      POLLS: { className: "Poll", useSQLite: true },
      DIRECTORY: { className: "Directory", useSQLite: true },
    },
  });
  // Any free port will do, so the address is known only now.
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
 * @returns {Promise<any>} The application as the inbox has it.
 */
async function send({ apiToken }, method, url, fields) {
  const headers = { authorization: `Bearer ${apiToken}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(fields) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
