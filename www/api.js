// Requests to the inbox's API, as its owner.

/** @import { Connection } from "./connection.js" */

/** The inbox that serves this page, whatever path a server in front of it puts before its own. */
export const ownUrl = new URL(".", location.href).href.replace(/\/+$/, "");

/** The server refused; asking again would not help. */
export class RefusedError extends Error {}

/**
 * Makes a request with the API token.
 *
 * @param {Connection} connection
 * @param {string} method
 * @param {string} path
 * @param {{ query?: Record<string, string>, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<any>} What the answer holds; undefined where that is nothing.
 */
export async function request({ baseUrl, apiToken }, method, path, { query, body, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", Authorization: `Bearer ${apiToken}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // Without credentials a 401 comes back to us instead of a question for a password.
  /** @type {RequestInit} */
  const options = { method, headers, signal, credentials: "omit", body: JSON.stringify(body) };
  const parameters = query ? `?${new URLSearchParams(query)}` : "";
  const answer = await fetch(`${baseUrl}${path}${parameters}`, options).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(`no answer from ${baseUrl}`);
  });
  const text = await answer.text();
  if (answer.ok) return text === "" ? undefined : JSON.parse(text);
  const reason = `${answer.status} ${reasonIn(text)}`.trim();
  throw answer.status < 500 ? new RefusedError(reason) : new Error(reason);
}

/**
 * The path of the connection's flow.
 *
 * @param {Connection} connection
 */
export const flowPath = ({ organization, flow }) =>
  `/flows/${encodeURIComponent(organization)}/${encodeURIComponent(flow)}`;

/**
 * Signs this browser in, so that a consent page of the inbox knows whose click it gets. Only where the page comes from
 * the inbox itself: a cookie for another server would not be kept.
 *
 * @param {Connection} connection
 */
export async function signIn({ baseUrl, apiToken }) {
  if (apiToken === "" || baseUrl !== ownUrl) return;
  const headers = { Authorization: `Bearer ${apiToken}` };
  // Should it fail, the consent page asks for the API token.
  await fetch(`${baseUrl}/session`, { method: "POST", headers, credentials: "same-origin" }).catch(() => undefined);
}

/**
 * What an error says.
 *
 * @param {unknown} error
 */
export const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} text The body of an answer. */
function reasonIn(text) {
  try {
    /** @type {{ message?: string, errors?: Record<string, string[]> }} */
    const { message = "", errors = {} } = JSON.parse(text);
    const fields = Object.entries(errors).map(([field, problems]) => `${field} ${problems.join(", ")}`);
    return [message, ...fields].join("; ");
  } catch {
    return "";
  }
}
