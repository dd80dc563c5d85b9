// What stands in place of a list without threads.

import { connection } from "../connection/connection.js";
import { streamState } from "../connection/stream-state.js";
import { hrefOf } from "../page/address.js";
import { copy } from "../page/copy.js";
import { html, nothing } from "../page/render.js";
import { isUnfiltered, NO_FILTER } from "./filter.js";
import { isFlowLoaded } from "./flow.js";

/** @param {import("./thread-list.js").ThreadList} list */
export function emptyView({ filter, isLoading, problem }) {
  if (problem !== "" || isLoading) return nothing;
  if (!isFlowLoaded()) return streamState().name === "off" ? html`<p class="empty">Nothing to show.</p>` : nothing;
  if (filter.unread !== undefined && Object.keys(filter).length === 1)
    return html`<p class="empty">You have read everything.</p>`;
  if (!isUnfiltered(filter))
    return html`<p class="empty">No thread matches. <a href=${hrefOf({ view: "inbox", query: NO_FILTER })}>Clear the filter</a></p>`;
  return html`<p class="empty" id="no-threads">No messages yet.</p>`;
}

/** What to do with a flow in which nothing has happened: the first thing that somebody sees who tries the project. */
export function firstStepsView() {
  const { baseUrl } = connection();
  const curl = `curl "$FLOWDOCK_URL/messages" --json '{ "flow_token": "'$FLOWDOCK_TOKEN'", "event": "message", "content": "Great Scott!", "external_thread_id": "1", "thread": { "title": "Time circuits" } }'`;
  return html`<div class="first-steps">
    <h2>No messages yet</h2>
    <p>Tools post changes to their tickets, builds or polls. Each of them is a thread here, with its latest state.</p>
    <ol>
      <li><a class="button primary" id="try-example" href=${hrefOf({ view: "try" })}>Try the guide’s example</a> Post it, and it appears here.</li>
      <li><a class="button" href=${hrefOf({ view: "integrations" })}>Connect a tool</a> Setting it up adds a source to this flow.</li>
      <li><button type="button" @click=${() => copy(curl, "The command")}>Copy a curl command</button> It posts from a terminal in which <code>FLOWDOCK_URL</code> is ${baseUrl} and <code>FLOWDOCK_TOKEN</code> is the flow token.</li>
    </ol>
    <pre tabindex="0" aria-label="The curl command"><code>${curl}</code></pre>
  </div>`;
}
