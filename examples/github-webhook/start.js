// Runs the worker on this machine. `cargo xtask example github-webhook` calls this with an inbox to post to.

import { randomBytes } from "node:crypto";
import { startWorker } from "../support/worker.js";

const { FLOWDOCK_URL, FLOWDOCK_TOKEN, GITHUB_WEBHOOK_SECRET = randomBytes(20).toString("hex") } = process.env;

const worker = await startWorker(new URL("src/worker.js", import.meta.url), {
  bindings: { FLOWDOCK_URL, FLOWDOCK_TOKEN, GITHUB_WEBHOOK_SECRET },
});
const url = await worker.ready;
const send = `node examples/github-webhook/send.js --url ${url} --secret ${GITHUB_WEBHOOK_SECRET}`;

console.log(`The worker: listens at ${url}

Send it webhooks from another terminal, in the repository's folder:

  ${send} issues.opened
  ${send} issue_comment.created
  ${send} pull_request.closed

Those of a repository of yours, with the GitHub CLI and its extension cli/gh-webhook:

  gh webhook forward --repo OWNER/NAME --events issues,issue_comment --url ${url} --secret ${GITHUB_WEBHOOK_SECRET}

Ctrl-C ends it.`);
