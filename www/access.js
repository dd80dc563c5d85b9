// Who has access to the inbox beside its owner's API token: the applications that the owner has authorised, and the browsers that are
// signed in.

import { confirmButton, el, shortTime } from "./dom.js";

/**
 * @typedef {{ id: number, application: { id: number, name: string }, scopes: string[], created_at: string | null }} Grant
 * @typedef {{ id: number, browser: string, current: boolean, created_at: string }} Session
 */

/**
 * @param {Grant} grant
 * @param {() => unknown} revoke
 */
export function grantItem({ id, application, scopes, created_at: created }, revoke) {
  const { name } = application;
  const since = shortTime(created);
  const button = confirmButton({ text: "Revoke", question: "Revoke for good?", label: `Revoke ${name}`, act: revoke });
  return el(
    "li",
    { "data-grant-id": id },
    el("p", {}, el("b", {}, name), el("small", {}, ` ${scopes.join(", ")}`, since ? [", since ", since] : null)),
    el("p", { class: "links" }, button),
  );
}

/**
 * @param {Session} session
 * @param {() => unknown} end
 */
export function sessionItem({ id, browser, current, created_at: created }, end) {
  const name = browserName(browser);
  const since = shortTime(created);
  const label = current ? "Sign out" : `Revoke the session of ${name}`;
  const attributes = { type: "button", class: "quiet", "aria-label": label, click: end };
  return el(
    "li",
    { "data-session-id": id },
    el(
      "p",
      { title: browser },
      el("b", {}, name),
      el("small", {}, current ? " this page," : null, since ? [" since ", since] : null),
    ),
    el("p", { class: "links" }, el("button", attributes, current ? "Sign out" : "Revoke")),
  );
}

/** The names of common browsers in a User-Agent. Most browsers also name others, so the first one that is found counts. */
const BROWSERS = { "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };

/** The names of common systems in a User-Agent. */
const SYSTEMS = {
  Android: "Android",
  iPhone: "iOS",
  iPad: "iPadOS",
  Windows: "Windows",
  "Mac OS": "macOS",
  Linux: "Linux",
};

/**
 * Makes a short name of a User-Agent: `Chrome on Linux`. What is no common browser keeps its own name.
 *
 * @param {string} userAgent
 */
function browserName(userAgent) {
  /** @param {Record<string, string>} names */
  const first = (names) => Object.entries(names).find(([part]) => userAgent.includes(part))?.[1];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  if (!browser) return userAgent.split(" ")[0] || "Unknown browser";
  return system ? `${browser} on ${system}` : browser;
}
