// The message that a page becomes. Its address is the thread: whoever shares it again or comments on it writes into the same one.

import { activity, discussion, escapeHtml, html } from "flowdock-integration";

/**
 * @param {{ title: string, url: string }} page
 * @param {string} comment Plain text, which may be empty.
 * @param {string} name Whose message it is.
 * @throws {FlowdockError} `invalid_message`
 */
export function toMessage({ title, url }, comment, name) {
  const address = new URL(url);
  // Where on the page somebody was makes it no other page.
  address.hash = "";
  const parts = {
    author: name,
    external_thread_id: address.href,
    thread: {
      title: html`${plain(title) || address.href}`,
      external_url: url,
      fields: { Site: escapeHtml(address.host) },
    },
  };
  const said = plain(comment);
  if (said === "") return activity({ ...parts, title: html`shared <a href="${url}">this page</a>` });
  const body = `<p>${escapeHtml(said).replaceAll("\n", "<br>")}</p>`;
  return discussion({ ...parts, title: html`commented on <a href="${url}">this page</a>`, body });
}

/**
 * A script can put anything into a title; HTML has no way to write a NUL.
 *
 * @param {string} text
 */
const plain = (text) => text.replaceAll("\0", "").trim();
