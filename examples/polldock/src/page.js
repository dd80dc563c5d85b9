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

/**
 * Makes a page with one sentence.
 *
 * @param {number} status
 * @param {string} text
 * @param {Record<string, string>} [headers]
 */
export function notice(status, text, headers) {
  return page(status < 400 ? "Done" : "That did not work", markup`<p role="status">${text}</p>`, { status, headers });
}
