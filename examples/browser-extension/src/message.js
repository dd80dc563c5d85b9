// Makes a message from a page. The page's address is the id of the thread, so all messages about a page are in one thread.

import { activity, discussion, escapeHtml, html } from "flowdock-integration";

/**
 * Builds an activity, or, with a comment, a discussion.
 *
 * @param {{ title: string, url: string }} page
 * @param {string} comment Plain text, which may be empty.
 * @param {string} name The author's name.
 * @throws {FlowdockError} `invalid_message`
 */
export function toMessage({ title, url }, comment, name) {
  const address = addressOf(url);
  const parts = {
    author: name,
    external_thread_id: address,
    thread: {
      title: html`${plain(title) || address}`,
      external_url: url,
      fields: { Site: escapeHtml(new URL(address).host) },
    },
  };
  const said = plain(comment);
  if (said === "") return activity({ ...parts, title: html`shared <a href="${url}">this page</a>` });
  const body = `<p>${escapeHtml(said).replaceAll("\n", "<br>")}</p>`;
  return discussion({ ...parts, title: html`commented on <a href="${url}">this page</a>`, body });
}

/**
 * Returns a page's address without its fragment, which names a part of the page and not another page.
 *
 * @param {string} url
 */
export function addressOf(url) {
  const address = new URL(url);
  address.hash = "";
  return address.href;
}

/**
 * Removes the NULs of a text, which HTML cannot express. A script can put any character into a page's title.
 *
 * @param {string} text
 */
export const plain = (text) => text.replaceAll("\0", "").trim();
