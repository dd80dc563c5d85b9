// Posts. It does so here, since the popup is gone as soon as somebody clicks beside it.

import { Client, FlowdockError } from "flowdock-integration";
import { toMessage } from "./message.js";
import { forgetFlowToken, loadSettings } from "./settings.js";

chrome.runtime.onMessage.addListener(({ page, comment }, sender, answer) => {
  share(page, comment).then(answer);
  // The answer comes later.
  return true;
});

/** Somebody is looking at the popup, so it does not go on for minutes. */
const retry = { maxElapsedMs: 20_000 };

/** Resolves to `{}`, or `{ problem }` in words. */
async function share(page, comment) {
  try {
    const { baseUrl, flowToken, name } = await loadSettings();
    const client = new Client({ baseUrl, flowToken, retry, hooks: { onSourceRemoved: forgetFlowToken } });
    await client.post(toMessage(page, comment, name));
    return {};
  } catch (error) {
    if (error instanceof FlowdockError) return { problem: inWords(error) };
    console.error(error);
    return { problem: "This should not have happened: the extension's console has more." };
  }
}

const WORDS = {
  not_found: "The server does not know this flow token, or is no Flowdock inbox. Look into the options.",
  source_removed: "Somebody removed this source from the flow, so its token is of no use any more. A new one goes into the options.",
  invalid_option: "The options are not complete.",
  network: "The server cannot be reached.",
  timeout: "The server gave no answer in time.",
};

function inWords({ code, message, violations, maybeDuplicate }) {
  if (violations) return violations.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const sentence = WORDS[code] ?? `Not shared: ${message}.`;
  return maybeDuplicate ? `${sentence} The page may have arrived all the same.` : sentence;
}
