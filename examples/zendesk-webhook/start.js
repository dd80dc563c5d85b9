// Runs the worker on this machine. `cargo xtask example zendesk-webhook` calls this with an inbox to post to.

import { randomBytes } from "node:crypto";
import { registered } from "../support/registered.js";
import { exports } from "../support/shell.js";
import { startWorker } from "../support/worker.js";

const { FLOWDOCK_URL, ZENDESK_SIGNING_SECRET = randomBytes(20).toString("hex") } = process.env;

const FLOWDOCK_TOKEN = await registered(process.env, { application: "Zendesk", source: "garage" });
const worker = await startWorker(new URL("src/worker.js", import.meta.url), {
  bindings: { FLOWDOCK_URL, FLOWDOCK_TOKEN, ZENDESK_SIGNING_SECRET },
});
const { origin: url } = await worker.ready;

console.log(`The worker listens at ${url}

Send it webhooks from another terminal, in the repository's folder. First, once:

  ${exports({ ZENDESK_WEBHOOK_URL: url, ZENDESK_SIGNING_SECRET })}

Then, for a ticket that is created, answered and solved:

  node examples/zendesk-webhook/send.js

With "created", "replied" or "solved" it sends this step alone.

Ctrl-C ends it.`);
