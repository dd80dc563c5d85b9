// The address of what the page shows: the part of the URL behind `#`, which a browser sends to no server. It looks like
// `#/inbox/t/ID?status=red&flow=ops`. So back, reload and a link to a colleague work. It never has a token.

import { redraw } from "./redraw.js";

/** @typedef {"inbox" | "try" | "integrations" | "connection"} ViewName */

/**
 * What the address says.
 *
 * @typedef Place
 * @property {ViewName} view
 * @property {string} thread The id of the open thread, or an empty text.
 * @property {Record<string, string>} query Everything else: the filter of the list, and the connection if it is not the default one.
 */

/** @type {readonly string[]} */
const VIEWS = ["inbox", "try", "integrations", "connection"];

/** The keys of the query that stay when another view is opened: they name the flow. */
const KEPT = ["base_url", "organization", "flow"];

/** Keys that only a list of settings may have. */
const TOKENS = ["flow_token", "api_token"];

/** The place that an address without a fragment means. */
const INBOX = "#/inbox";

/** @type {(() => void)[]} */
const listeners = [];

/**
 * Calls a function whenever the address has changed.
 *
 * @param {() => void} listener
 */
export function onAddressChange(listener) {
  listeners.push(listener);
}

/** @type {Place} */
let current = { view: "inbox", thread: "", query: {} };

/** What the address says now. */
export const place = () => current;

/**
 * Writes the address of a place. What is left out stays as it is; a new view has the filter of the old one only if it is the inbox.
 *
 * @param {Partial<Place>} to An empty text in `query` removes a key.
 */
export function hrefOf({ view = current.view, thread, query = {} }) {
  const merged = { ...current.query, ...query };
  const entries = Object.entries(merged).filter(
    ([key, value]) => value !== "" && (view === "inbox" || KEPT.includes(key) || key in query),
  );
  const open = thread ?? (view === "inbox" ? current.thread : "");
  const path = view === "inbox" && open !== "" ? `inbox/t/${encodeURIComponent(open)}` : view;
  const text = entries.length > 0 ? `?${new URLSearchParams(entries)}` : "";
  return `#/${path}${text}`;
}

/**
 * Goes to another place, with a new entry in the history unless `isSame` says that it is the same place to a user.
 *
 * @param {Partial<Place>} to
 * @param {{ isSame?: boolean }} [options]
 */
export function go(to, { isSame = false } = {}) {
  const href = hrefOf(to);
  if (href === (location.hash || INBOX)) return;
  if (isSame) history.replaceState(history.state, "", href);
  else history.pushState(null, "", href);
  read();
}

/** Reads the address. Returns the keys of a fragment that is no place but a list of settings, as the demo prints it. */
export function read() {
  if (location.hash === INBOX) history.replaceState(history.state, "", location.pathname + location.search);
  const fragment = location.hash.slice(1);
  const isPlace = fragment.startsWith("/");
  current = isPlace ? placeIn(fragment) : { view: "inbox", thread: "", query: {} };
  // No place has a token. One that somebody has put there is not used, and does not stay in the address.
  if (TOKENS.some((key) => key in current.query)) {
    for (const key of TOKENS) delete current.query[key];
    history.replaceState(history.state, "", hrefOf({}));
  }
  for (const listener of listeners) listener();
  redraw();
  return new URLSearchParams(isPlace ? "" : fragment);
}

/**
 * @param {string} fragment
 * @returns {Place}
 */
function placeIn(fragment) {
  const [path, query = ""] = fragment.slice(1).split(/\?(.*)/s);
  const [view, kind, id = ""] = path.split("/");
  return {
    view: VIEWS.includes(view) ? /** @type {ViewName} */ (view) : "inbox",
    thread: kind === "t" ? decoded(id) : "",
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
