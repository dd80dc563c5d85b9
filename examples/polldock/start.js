// Runs Polldock on this machine. `cargo xtask example polldock` calls this with an inbox to register with.

import { startPolldock } from "./run.js";

const { FLOWDOCK_URL: url, FLOWDOCK_API_TOKEN: apiToken } = process.env;
if (!url || !apiToken) {
  console.error("FLOWDOCK_URL and FLOWDOCK_API_TOKEN must name an inbox and its owner's token");
  process.exit(2);
}
const polldock = await startPolldock({ url, apiToken });

console.log(`Polldock: open ${polldock.url}

1. On the inbox's page, under "The flow's integrations", click on "Set up" beside Polldock, authorise it,
   and add it to the flow.
2. In Polldock say who you are, and create a poll. It appears in the inbox as a thread.
3. There, click on "Vote for …": the first time you are asked to log in, then the vote counts.
4. Close the poll, remove the source on the inbox's page, comment on the poll: Polldock forgets the flow.

Ctrl-C ends it.`);
