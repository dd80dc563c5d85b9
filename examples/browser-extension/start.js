// Builds the extension and prints how to try it. `cargo xtask example browser-extension` calls this with an inbox to post to.

import { build } from "./build.js";

const { FLOWDOCK_URL, FLOWDOCK_TOKEN } = process.env;
const folder = await build();

console.log(`The extension: ${folder}

Load it at chrome://extensions: switch on "Developer mode", click on "Load unpacked", choose the folder. Or start a Chromium of
its own with it:

  chromium --user-data-dir="$(mktemp --directory)" --load-extension="${folder}" https://example.com

Then enter in its options:

  Base URL    ${FLOWDOCK_URL}
  Flow token  ${FLOWDOCK_TOKEN}

Ctrl-C ends it.`);

// The inbox stops when this process ends, so the process keeps running.
setInterval(() => {}, 2 ** 30);
