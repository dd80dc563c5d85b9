// The open thread: its state, its messages, and a field to comment.

import { hrefOf, place } from "../page/address.js";
import { RefusedError, reasonOf } from "../page/api.js";
import { icon } from "../page/icons.js";
import { redraw } from "../page/redraw.js";
import { html, nothing, ref } from "../page/render.js";
import { ago } from "../page/time.js";
import { outcomeView } from "./actions.js";
import { commentView } from "./comment.js";
import { firstStepsView } from "./empty.js";
import { isUnfiltered } from "./filter.js";
import { isFlowLoaded, loadThread } from "./flow.js";
import { threadMenu } from "./menu.js";
import { messagesView } from "./messages.js";
import { openThread } from "./open-thread.js";
import { follow } from "./scroll.js";
import { shownList } from "./thread-list.js";
import { applicationName, threadStateView } from "./thread-state.js";
import { NO_THREAD, threadById } from "./threads.js";
import { markRead, readIn } from "./unread.js";

/** @import { InboxThread } from "./thread-state.js" */

/** A thread that no list has: why it could not be loaded either. */
let missing = { id: "", problem: "" };

/** The open thread, and up to which message it was read when it was opened. The line *New* stays there. */
let asked = { id: "", readTo: 0 };

export function paneView() {
  const { thread: id } = place();
  return html`<section class="pane" aria-label="Thread" tabindex="-1" ${ref(follow)}>${id === "" ? restView() : openView(id)}</section>`;
}

function restView() {
  asked = { id: "", readTo: 0 };
  if (!isFlowLoaded()) return nothing;
  if (isUnfiltered(shownList().filter) && shownList().ids.length === 0) return firstStepsView();
  return html`<p class="rest">Choose a thread. <kbd>J</kbd> and <kbd>K</kbd> go from one to the next, <kbd>?</kbd> shows all keys.</p>`;
}

/** @param {string} id */
function openView(id) {
  const back = html`<a class="back button quiet" href=${hrefOf({ view: "inbox", thread: "" })}>${icon("back")} Inbox</a>`;
  const thread = threadById(id) ?? (id === NO_THREAD && isFlowLoaded() ? { id } : undefined);
  if (!thread) return html`${back}<p class="rest" role="status">${missingView(id)}</p>`;
  if (asked.id !== id) {
    asked = { id, readTo: readIn(id) };
    // After this drawing, since it changes what is drawn.
    queueMicrotask(() => markRead(thread));
  }
  const isInThread = id !== NO_THREAD;
  const open = openThread(id, { isInThread });
  return html`<article class="thread" data-thread-id=${id}>
    ${threadBar(back, thread, isInThread)}
    ${isInThread ? threadStateView(thread, { meta: metaView(thread) }) : html`<h2>The flow itself</h2><p class="hint">Chat messages outside any thread.</p>`}
    ${outcomeView(id)} ${messagesView(open, { thread, isInThread, readTo: asked.readTo })}
    ${commentView(id, { isInThread })}
  </article>`;
}

/**
 * @param {import("../page/render.js").View} back
 * @param {InboxThread} thread
 * @param {boolean} isInThread
 */
const threadBar = (back, thread, isInThread) =>
  html`<div class="thread-bar">${back}${isInThread ? threadMenu(thread) : nothing}</div>`;

/** @param {InboxThread} thread */
function metaView(thread) {
  const from = applicationName(thread);
  return html`${from ? html`<span dir="auto">${from}</span>` : nothing}<span>updated ${ago(thread.updated_at)}</span>`;
}

/** The inbox is asked once for a thread that no list has. @param {string} id */
function missingView(id) {
  if (!isFlowLoaded()) return "Loading the thread …";
  if (missing.id !== id) {
    const asking = { id, problem: "" };
    missing = asking;
    loadThread(id).catch((error) => {
      const isUnknown = error instanceof RefusedError && error.status === 404;
      asking.problem = isUnknown ? "There is no such thread in this flow. It may have been removed." : reasonOf(error);
      redraw();
    });
  }
  if (missing.problem === "") return "Loading the thread …";
  const again = () => {
    missing = { id: "", problem: "" };
    redraw();
  };
  return html`${missing.problem} <button type="button" @click=${again}>Try again</button>`;
}
