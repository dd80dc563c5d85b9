// The bar that is always in sight: the verdict on the draft, what came of the last post, and the button that posts.

import { connection } from "../connection/connection.js";
import { hrefOf, place } from "../page/address.js";
import { html, nothing } from "../page/render.js";
import { shortcut } from "../page/shortcut.js";
import { postResultView } from "./outcome.js";
import { canPost, post, postOutcome } from "./post.js";
import { verdict } from "./report.js";

const ariaShortcut = shortcut === "⌘↵" ? "Meta+Enter" : "Control+Enter";

export function barView() {
  const { severity, text, advice } = verdict();
  const hasToken = connection().flowToken !== "";
  const isPosting = postOutcome()?.kind === "pending";
  const connect = html`There is no flow token to post with. <a href=${hrefOf({ view: "connection" })}>Enter one</a>`;
  return html`<footer class="bar">
    ${postResultView()}
    <div class="bar-line">
      <div>
        <p id="verdict" role="status" data-severity=${severity}>${text}</p>
        <p id="post-reason" class="hint">${advice || (hasToken ? nothing : connect)}</p>
      </div>
      <button type="button" id="post" class="primary" aria-describedby="post-reason" aria-disabled=${String(!canPost())} aria-busy=${String(isPosting)}
        aria-keyshortcuts=${ariaShortcut} @click=${post}>
        ${isPosting ? "Posting …" : "Post"} <kbd aria-hidden="true">${shortcut}</kbd>
      </button>
    </div>
  </footer>`;
}

/** @param {KeyboardEvent} event */
function postByKey(event) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.defaultPrevented) return;
  const { target } = event;
  const isInSheet = target === document.body || (target instanceof Element && target.closest(".sheet, .try"));
  if (place().view !== "try" || !isInSheet) return;
  event.preventDefault();
  post();
}

// For the window: after a click on empty space no element of the sheet has the focus.
addEventListener("keydown", postByKey);
