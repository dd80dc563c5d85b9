// The service worker, which posts the messages. The popup cannot do that: it is closed when the user clicks outside it.

import { Client, FlowdockError } from "flowdock-integration";
import { addressOf, plain, toMessage } from "./message.js";
import { forgetFlowToken, loadSettings, rememberShared, wasShared } from "./settings.js";
import { inWords } from "./words.js";

chrome.runtime.onMessage.addListener(({ page, comment, again }, _sender, answer) => {
  share(page, comment, again).then(answer);
  // `true` tells the browser that the answer comes later.
  return true;
});

/** Short, because the user is waiting in front of the popup. */
const retry = { maxElapsedMs: 20_000 };

/**
 * Posts a page. Resolves to `{}`, or to `{ problem }` with sentences for the user. Without a comment, a page that was shared before is not posted
 * unless the user wants it again: it would only repeat the first message. The answer is then `{ isRepeated: true }`.
 *
 * @param {{ title: string, url: string }} page
 * @param {string} comment
 * @param {boolean} again
 */
async function share(page, comment, again) {
  try {
    const address = addressOf(page.url);
    if (!again && plain(comment) === "" && (await wasShared(address))) return { isRepeated: true };
    const { baseUrl, flowToken, name } = await loadSettings();
    const client = new Client({ baseUrl, flowToken, retry, hooks: { onSourceRemoved: forgetFlowToken } });
    await client.post(toMessage(page, comment, name));
    await rememberShared(address);
    return {};
  } catch (error) {
    if (error instanceof FlowdockError) return { problem: problemOf(error) };
    console.error(error);
    return { problem: "This should not have happened: the extension's console has more." };
  }
}

/**
 * More advice for the user, by the code of the error.
 *
 * @type {Record<string, string>}
 */
const HINTS = {
  not_found: "Check the options.",
  bad_response: "Check the options.",
  source_removed: "A new one goes into the options.",
};

/** @param {FlowdockError} error */
function problemOf(error) {
  const { code, maybeDuplicate } = error;
  const sentences = [inWords(error), HINTS[code], maybeDuplicate && "The page may have arrived all the same."];
  return sentences.filter(Boolean).join(" ");
}
