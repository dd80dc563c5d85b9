// Builds the extension and prints how to try it. `cargo xtask example browser-extension` calls this with an inbox to post to.

import { build } from "./build.js";

const { FLOWDOCK_URL, FLOWDOCK_TOKEN, EXAMPLE_OUTPUT } = process.env;
const folder = await build(EXAMPLE_OUTPUT);

console.log(`The extension is in ${folder}

1. Load it at chrome://extensions: switch on "Developer mode", click on "Load unpacked", choose the folder. Or start a Chromium
   of its own with it:

   chromium --user-data-dir="$(mktemp --directory)" --load-extension="${folder}" https://example.com

2. Click on its button and open the options. Paste this line into "Base URL", which fills in the flow token as well:

   ${FLOWDOCK_URL}/#flow_token=${FLOWDOCK_TOKEN}

3. Share a page. It appears on the inbox's page at once.

The folder stays until the next build, so a browser that has loaded the extension finds it at its next start.
Ctrl-C ends it.`);

// The inbox stops when this process ends, so the process keeps running.
setInterval(() => {}, 2 ** 30);
