// The secrets that the browser keeps for this page, so that a reload needs none in the address. Each secret is kept under the base URL of
// the inbox that it belongs to, and the page sends it to no other server. localStorage belongs to one origin with its port; cookies would
// go to every port of the host.

/** @typedef {"session" | "flow token"} Secret */

/**
 * Returns the key of a secret. The consent page (inbox/src/http/oauth/consent.js) uses the same key for the session.
 *
 * @param {Secret} secret
 * @param {string} baseUrl Without a slash at its end.
 */
const keyOf = (secret, baseUrl) => `flowdock-inbox ${secret} ${baseUrl}`;

/**
 * Returns a secret of an inbox, or an empty text if the browser keeps none.
 *
 * @param {Secret} secret
 * @param {string} baseUrl
 */
export function kept(secret, baseUrl) {
  try {
    return localStorage.getItem(keyOf(secret, baseUrl)) ?? "";
  } catch {
    // The user has switched off the storage of this page.
    return "";
  }
}

/**
 * Keeps a secret of an inbox. An empty text removes it.
 *
 * @param {Secret} secret
 * @param {string} baseUrl
 * @param {string} token
 */
export function keep(secret, baseUrl, token) {
  try {
    if (token === "") localStorage.removeItem(keyOf(secret, baseUrl));
    else localStorage.setItem(keyOf(secret, baseUrl), token);
  } catch {
    // Without storage the secret is good until the page is closed.
  }
}
