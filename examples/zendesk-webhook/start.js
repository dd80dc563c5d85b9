// Runs the worker on this machine. `cargo xtask example zendesk-webhook` calls this with an inbox to post to.

import { randomBytes } from "node:crypto";
import { startWorker } from "../support/worker.js";

const { FLOWDOCK_URL, FLOWDOCK_TOKEN, ZENDESK_SIGNING_SECRET = randomBytes(20).toString("hex") } = process.env;

const worker = await startWorker(new URL("src/worker.js", import.meta.url), {
  bindings: { FLOWDOCK_URL, FLOWDOCK_TOKEN, ZENDESK_SIGNING_SECRET },
});
const url = await worker.ready;
const send = `node examples/zendesk-webhook/send.js --url ${url} --secret ${ZENDESK_SIGNING_SECRET}`;

console.log(`The worker: listens at ${url}

Send it webhooks from another terminal, in the repository's folder:

  ${send} created
  ${send} replied
  ${send} solved

Ctrl-C ends it.`);
