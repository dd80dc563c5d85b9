// Runs Polldock on this machine. `cargo xtask example polldock` calls this with an inbox to register with.

import { startPolldock } from "./run.js";

const { FLOWDOCK_URL: url, FLOWDOCK_API_TOKEN: apiToken } = process.env;
if (!url || !apiToken) {
  console.error("FLOWDOCK_URL and FLOWDOCK_API_TOKEN must name an inbox and its owner's token");
  process.exit(2);
}
const polldock = await startPolldock({ url, apiToken });

console.log(`Polldock runs at ${polldock.url}

1. On the inbox's page open "Integrations", look for Polldock, and click on "Set up". The inbox asks whether you allow it.
   Polldock then asks whether this is the flow.
2. In Polldock say who you are, and ask something. The poll is a thread in the inbox at once. Vote, and its fields change.
3. In the inbox click on "Vote for …". Polldock does not know you and asks you to log in. After that the click counts.
4. In the inbox remove the source, and vote once more in Polldock. The vote counts, the inbox answers 410, and Polldock
   forgets the flow.

Ctrl-C ends it.`);
