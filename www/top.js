// The bar at the top: the flow, the search, the state of the stream, and the way to write a message.

import { connection, hostOf, isOwn } from "./connection/connection.js";
import { streamState } from "./connection/stream-state.js";
import { nameTab, newsView } from "./inbox/news.js";
import { titleOf } from "./inbox/row.js";
import { searchView } from "./inbox/search.js";
import { threadById, unreadCount } from "./inbox/threads.js";
import { hrefOf, place } from "./page/address.js";
import { icon } from "./page/icons.js";
import { html, nothing } from "./page/render.js";

const STATES = { connecting: "connecting", live: "live", reconnecting: "reconnecting", off: "not connected" };

export function topView() {
  const { organization, flow, ...inbox } = connection();
  // The inbox of somebody else is named.
  const name = `${isOwn(inbox) ? "" : `${hostOf(inbox)}: `}${organization}/${flow}`;
  const state = streamState();
  const reason = state.name === "off" ? `: ${state.reason}` : "";
  const thread = threadById(place().thread);
  nameTab(name, unreadCount(), thread ? titleOf(thread) : "");
  return html`<header class="top">
    <h1><a href=${hrefOf({ view: "inbox", thread: "" })} aria-label="${name}: inbox">${name}</a></h1>
    ${searchView()}
    <p id="stream-state" class="stream-state" role="status" data-state=${state.name} title=${reason === "" ? nothing : reason.slice(2)}>
      <span class="dot" aria-hidden="true"></span><span class="words">${STATES[state.name]}<span class="hidden-text">${reason}</span></span>
    </p>
    <a id="open-try" class="button primary" href=${hrefOf({ view: "try" })} aria-current=${place().view === "try" ? "page" : nothing}>
      ${icon("plus")}<span class="words">Try a message</span>
    </a>
    ${newsView()}
  </header>`;
}
