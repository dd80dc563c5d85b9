// The page: the inbox of a flow, a bench to try a message, the flow's integrations, and the connection.

import { startConnection } from "./connection/connection.js";
import { connectionView } from "./connection/view.js";
import { bannerView } from "./inbox/banner.js";
import { startKeys } from "./inbox/keys.js";
import { startFollowing } from "./inbox/live.js";
import { offerForMessages } from "./inbox/message.js";
import { afterDrawing, beforeDrawing } from "./inbox/scroll.js";
import { inboxView } from "./inbox/view.js";
import { integrationsView, showIntegrations } from "./integrations/view.js";
import { go, place } from "./page/address.js";
import { drawWith, redraw } from "./page/redraw.js";
import { html, nothing, render } from "./page/render.js";
import { toastView } from "./page/toast.js";
import { topView } from "./top.js";

/** The interval at which the page is redrawn, so that relative times stay correct. */
const MINUTE_MS = 60_000;

function pageView() {
  const { view, thread } = place();
  return html`
    <div class="page" data-view=${view} data-open=${thread === "" ? nothing : ""}>
      <a class="skip" href="#main" @click=${skip}>Skip to the content</a>
      ${topView()} ${bannerView()} ${inboxView()}
      ${view === "inbox" ? nothing : html`<main id="main" class="sheet" tabindex="-1">${sheetView(view)}</main>`}
      ${toastView()}
    </div>`;
}

/** @param {Exclude<import("./page/address.js").ViewName, "inbox">} view */
function sheetView(view) {
  if (view === "try") return benchView();
  return view === "integrations" ? integrationsView() : connectionView();
}

/** What one tries a message with. Who only reads does not wait for it. @type {typeof import("./try/bench.js") | undefined} */
let bench;
let hasBenchFailed = false;
/** @type {Promise<void> | undefined} */
let loading;

async function loadBench() {
  try {
    bench = await import("./try/bench.js");
  } catch {
    hasBenchFailed = true;
  }
  redraw();
}

/** The bench, while it is loading and when it could not be loaded. */
function benchView() {
  if (bench) return bench.tryView();
  // A browser remembers that a module did not load, and a newer inbox has other names for its modules.
  const reload = () => location.reload();
  if (hasBenchFailed)
    return html`<p class="problem" role="alert">This part of the page did not load. <button type="button" @click=${reload}>Reload the page</button></p>`;
  loading ??= loadBench();
  return html`<p class="hint">Loading …</p>`;
}

/** @param {import("./inbox/message.js").InboxMessage} message */
async function useAsDraft(message) {
  loading ??= loadBench();
  await loading;
  if (bench) bench.useAsDraft(message);
  else go({ view: "try" });
}

/** Moves the focus to what is open. The link's own fragment would be taken for an address of the page. @param {Event} event */
function skip(event) {
  event.preventDefault();
  const parts = [...root.querySelectorAll(".sheet, .pane, .thread-row")];
  const first = parts.find((part) => part.checkVisibility());
  if (first instanceof HTMLElement) first.focus();
}

startKeys();
offerForMessages(
  (message) =>
    html`<button type="button" class="link reuse" @click=${() => useAsDraft(message)}>Use as a draft</button>`,
);
startConnection((connection) => {
  startFollowing(connection);
  showIntegrations(connection);
});
const root = /** @type {HTMLElement} */ (document.getElementById("page"));
root.replaceChildren();
drawWith(() => {
  beforeDrawing();
  render(pageView(), root);
  afterDrawing();
});
setInterval(redraw, MINUTE_MS);
