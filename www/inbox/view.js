// The inbox: the rail of filters, the list of threads, and the open thread.

import { place } from "../page/address.js";
import { html } from "../page/render.js";
import { listView } from "./list.js";
import { paneView } from "./pane.js";
import { railView } from "./rail.js";

export function inboxView() {
  const isInbox = place().view === "inbox";
  return html`${railView()} ${isInbox ? html`<main id="main" class="inbox">${listView()} ${paneView()}</main>` : listView()}`;
}
