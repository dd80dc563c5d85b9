// The frame of all pages: their headers and the HTML around their content.

import { escapeHtml } from "flowdock-integration";
import { markup } from "./markup.js";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  // The addresses of some pages contain codes and claims, which other sites must not see.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/**
 * Makes a page.
 *
 * @param {string} title
 * @param {unknown} content HTML that the tag `markup` made.
 * @param {{ status?: number, headers?: Record<string, string> }} [options]
 */
export function page(title, content, { status = 200, headers = {} } = {}) {
  const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Polldock</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">Polldock</a></header>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
  return new Response(document, { status, headers: { ...HEADERS, ...headers } });
}

/** @typedef {{ url: string, text: string }} Link */

/**
 * Makes a page with one sentence, and with links that lead on.
 *
 * @param {number} status
 * @param {string} text
 * @param {{ headers?: Record<string, string>, links?: Link[] }} [options]
 */
export function notice(status, text, { headers, links = [HOME] } = {}) {
  const [first, ...others] = links.map(({ url, text }, index) => {
    return markup`<a href="${url}"${index === 0 ? markup` class="button"` : ""}>${text}</a>`;
  });
  const content = markup`<p role="status">${text}</p><p class="links">${first} ${others}</p>`;
  return page(status < 400 ? "Done" : "That did not work", content, { status, headers });
}

/** @type {Link} */
export const HOME = { url: "/", text: "To the polls" };

/**
 * Makes links to the pages of the flows that sources belong to, each flow once.
 *
 * @param {{ flowName: string, flowUrl: string }[]} sources
 * @returns {Link[]}
 */
export function backTo(sources) {
  const names = new Map(sources.map(({ flowName, flowUrl }) => [flowUrl, flowName]));
  names.delete("");
  return [...names].map(([url, name]) => ({ url, text: `Back to ${name}` }));
}
