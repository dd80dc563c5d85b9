// Runs the worker on this machine. `cargo xtask example github-webhook` calls this with an inbox to post to.

import { randomBytes } from "node:crypto";
import { registered } from "../support/registered.js";
import { exports } from "../support/shell.js";
import { startWorker } from "../support/worker.js";

const { FLOWDOCK_URL, GITHUB_WEBHOOK_SECRET = randomBytes(20).toString("hex") } = process.env;

const FLOWDOCK_TOKEN = await registered(process.env, { application: "GitHub", source: "Codertocat/Hello-World" });
const worker = await startWorker(new URL("src/worker.js", import.meta.url), {
  bindings: { FLOWDOCK_URL, FLOWDOCK_TOKEN, GITHUB_WEBHOOK_SECRET },
});
const { origin: url } = await worker.ready;

console.log(`The worker listens at ${url}

Send it webhooks from another terminal, in the repository's folder. First, once:

  ${exports({ GITHUB_WEBHOOK_URL: url, GITHUB_WEBHOOK_SECRET })}

Then, one after another:

  node examples/github-webhook/send.js issues.opened
  node examples/github-webhook/send.js issue_comment.created
  node examples/github-webhook/send.js issues.closed

Without an event it lists what it can send. For the webhooks of a repository of yours, with the GitHub CLI and its extension
cli/gh-webhook:

  gh webhook forward --repo OWNER/NAME --events issues,issue_comment --url ${url} --secret ${GITHUB_WEBHOOK_SECRET}

Ctrl-C ends it.`);
