// The service worker, which keeps the pages that are shared in an outbox and posts them. The browser may stop it at any moment.

import { Client, FlowdockError } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { idbOutbox, wake } from "flowdock-integration/outbox/idb";
import { addressOf, plain, toMessage } from "./message.js";
import { forgetFlowToken, loadSettings, rememberShared, wasShared } from "./settings.js";
import { inWords } from "./words.js";

/** Short, because the user may be waiting in front of the popup. */
const RETRY = { maxElapsedMs: 20_000 };

/**
 * How the last try to post a message ended, by its uuid. Messages of an earlier worker are not in it.
 *
 * @type {Map<string, { error?: FlowdockError, isKept?: boolean }>}
 */
const ends = new Map();

/**
 * Why all messages wait, if they do.
 *
 * @type {FlowdockError | undefined}
 */
let held;

const store = idbOutbox();
const outbox = new Outbox({
  store,
  // What waits goes where the options say now: the user may have corrected them.
  async client() {
    const { baseUrl, flowToken } = await loadSettings();
    /** @param {{ uuid: string, error: FlowdockError }} failure */
    const onFailed = ({ uuid, error }) => ends.set(uuid, { error, isKept: true });
    return flowToken ? new Client({ baseUrl, flowToken, retry: RETRY, hooks: { onFailed } }) : undefined;
  },
  hooks: {
    async onDelivered({ uuid, body }) {
      held = undefined;
      await rememberShared(JSON.parse(body).external_thread_id);
      ends.set(uuid, {});
    },
    onRefused: ({ uuid }, error) => ends.set(uuid, { error }),
    onDropped: ({ uuid }, error = held) => ends.set(uuid, { error }),
    onHeld(_source, error) {
      held = error;
    },
    onSourceRemoved: forgetFlowToken,
  },
});
wake(outbox, store);

chrome.runtime.onMessage.addListener(({ share, outcome }, _sender, answer) => {
  const answered = share ? keep(share) : outcomeOf(outcome);
  answered.then(answer);
  // `true` tells the browser that the answer comes later.
  return true;
});

/**
 * Puts a page into the outbox. Resolves to `{ uuid }` when the browser has stored it, or to `{ problem }` with sentences for the user. Without
 * a comment, a page that was shared before is not kept unless the user wants it again: it would only repeat the first message. The answer is
 * then `{ isRepeated: true }`.
 *
 * @param {{ page: { title: string, url: string }, comment: string, again: boolean }} share
 */
async function keep({ page, comment, again }) {
  try {
    if (!again && plain(comment) === "" && (await wasShared(addressOf(page.url)))) return { isRepeated: true };
    const { name, source } = await loadSettings();
    return await outbox.post(source, toMessage(page, comment, name));
  } catch (error) {
    if (error instanceof FlowdockError) return { problem: problemOf(error) };
    console.error(error);
    return { problem: "This should not have happened: the extension's console has more." };
  }
}

/**
 * Resolves to what has become of a message after the next try to post it: `{}` if it was posted, else `{ problem }`, with `isKept` if it is
 * tried again.
 *
 * @param {string} uuid
 * @returns {Promise<{ problem?: string, isKept?: boolean }>}
 */
async function outcomeOf(uuid) {
  try {
    await outbox.drain();
  } catch (error) {
    console.error(error);
  }
  // A message that waits for an earlier one of its thread was not tried.
  const { error, isKept } = ends.get(uuid) ?? { error: held, isKept: (await outbox.count()) > 0 };
  ends.delete(uuid);
  if (error?.code === "source_removed") return { problem: problemOf(error) };
  if (isKept) return { problem: error ? problemOf(error) : "An earlier page waits as well.", isKept };
  return error ? { problem: problemOf(error) } : {};
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
  return [inWords(error), HINTS[error.code]].filter(Boolean).join(" ");
}
