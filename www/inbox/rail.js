// The filters of the list: links, so that each has an address. On a narrow screen they are a row above the list.

import { sources } from "../integrations/sources.js";
import { hrefOf, place } from "../page/address.js";
import { icon } from "../page/icons.js";
import { html, nothing } from "../page/render.js";
import { flowCounts } from "./counts.js";
import { filterOf, NO_FILTER } from "./filter.js";
import { unreadCount } from "./threads.js";

/** @import { View } from "../page/render.js" */
/** @import { Filter } from "./filter.js" */

/** How many tags the rail shows. */
const MAX_TAGS = 8;

export function railView() {
  const counts = flowCounts();
  const { view } = place();
  return html`<nav class="rail" aria-label="Filters and pages">
    <h2 id="rail-inbox">Inbox</h2>
    <ul aria-labelledby="rail-inbox">
      ${filterLink({}, "All", counts?.threads)} ${filterLink({ unread: "1" }, "Unread", unreadCount())}
    </ul>
    <h2 id="rail-flow">Flow</h2>
    <ul aria-labelledby="rail-flow">
      ${pageLink("integrations", "Integrations", view)} ${pageLink("connection", "Connection", view)}
    </ul>
    ${section("Status", (counts?.statuses ?? []).filter(({ color }) => color !== null).map(statusLink))}
    ${section("Sources", sourceLinks())}
    ${section(
      "Tags",
      (counts?.tags ?? []).slice(0, MAX_TAGS).map(({ tag, messages }) => filterLink({ tag }, `#${tag}`, messages)),
    )}
  </nav>`;
}

/**
 * @param {string} name
 * @param {View[]} links
 */
function section(name, links) {
  if (links.length === 0) return nothing;
  const id = `rail-${name.toLowerCase()}`;
  return html`<h2 id=${id}>${name}</h2><ul aria-labelledby=${id}>${links}</ul>`;
}

/** @param {{ color: string | null, threads: number }} status */
const statusLink = ({ color, threads }) =>
  filterLink({ status: String(color) }, html`<span class="pill" data-color=${color}>${color}</span>`, threads);

function sourceLinks() {
  const threads = new Map(flowCounts()?.sources.map((source) => [source.id, source.threads]));
  return sources().map(({ id, name, error_message: error }) => {
    const trouble = error
      ? html`<span class="trouble" title=${error}>${icon("warning")}<span class="hidden-text">: ${error}</span></span>`
      : "";
    return filterLink(
      { source: String(id) },
      html`<span class="name" dir="auto">${name}</span>${trouble}`,
      threads.get(id) ?? 0,
    );
  });
}

/**
 * @param {Filter} filter
 * @param {View} name
 * @param {number | undefined} threads
 */
function filterLink(filter, name, threads) {
  const { view, query } = place();
  const isChosen = view === "inbox" && JSON.stringify(filterOf(query)) === JSON.stringify(filter);
  const href = hrefOf({ view: "inbox", thread: "", query: { ...NO_FILTER, ...filter } });
  return html`<li><a href=${href} aria-current=${isChosen ? "true" : nothing}>${name}<span class="number">${threads ?? ""}</span></a></li>`;
}

/**
 * @param {import("../page/address.js").ViewName} to
 * @param {string} name
 * @param {string} view
 */
const pageLink = (to, name, view) =>
  html`<li><a href=${hrefOf({ view: to })} aria-current=${view === to ? "page" : nothing}>${name}</a></li>`;
