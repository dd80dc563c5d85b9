// Makes requests to the inbox's API with the token of the owner's session.

/** @import { Connection } from "../connection/connection.js" */

/** The URL of the inbox that serves this page, including any path that a proxy in front of it adds. */
export const ownUrl = new URL(".", location.href).href.replace(/\/+$/, "");

/** The server refused the request. A second attempt would not help. */
export class RefusedError extends Error {
  /**
   * @param {string} message
   * @param {number} status The HTTP status of the answer.
   * @param {Record<string, string>} [fieldErrors] What is wrong with each field of the request's body, so that a form can say it there.
   */
  constructor(message, status, fieldErrors = {}) {
    super(message);
    this.status = status;
    this.fieldErrors = fieldErrors;
  }
}

/**
 * The inbox of a request, and the token that opens it.
 *
 * @typedef {Pick<Connection, "baseUrl" | "token">} Access
 */

/** @type {(access: Access) => void} */
let tokenRefused = () => {};

/**
 * Sets the function that is called when an inbox does not accept a token (any more).
 *
 * @param {(access: Access) => void} listener
 */
export function onTokenRefused(listener) {
  tokenRefused = listener;
}

/**
 * Makes a request with the connection's token.
 *
 * @param {Access} access
 * @param {string} method
 * @param {string} path
 * @param {{ query?: Record<string, string>, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<any>} The parsed body of the answer; undefined if the body is empty.
 */
export async function request({ baseUrl, token }, method, path, { query, body, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // Without credentials, a 401 rejects here, and the browser does not ask its user for a password.
  /** @type {RequestInit} */
  const options = { method, headers, signal, credentials: "omit", body: JSON.stringify(body) };
  const parameters = query ? `?${new URLSearchParams(query)}` : "";
  const answer = await fetch(`${baseUrl}${path}${parameters}`, options).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(`no answer from ${baseUrl}`);
  });
  const text = await answer.text();
  if (answer.ok) return text === "" ? undefined : JSON.parse(text);
  const { message, fieldErrors } = refusalIn(text);
  const fields = Object.entries(fieldErrors).map(([field, problem]) => `${field} ${problem}`);
  const reason = `${answer.status} ${[message, ...fields].join("; ")}`.trim();
  if (answer.status === 401) tokenRefused({ baseUrl, token });
  throw answer.status < 500 ? new RefusedError(reason, answer.status, fieldErrors) : new Error(reason);
}

/**
 * Returns the API path of the connection's flow.
 *
 * @param {Connection} connection
 */
export const flowPath = ({ organization, flow }) =>
  `/flows/${encodeURIComponent(organization)}/${encodeURIComponent(flow)}`;

/**
 * Returns the message of an error.
 *
 * @param {unknown} error
 */
export const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * @param {string} text The body of an answer.
 * @returns {{ message: string, fieldErrors: Record<string, string> }}
 */
function refusalIn(text) {
  try {
    /** @type {{ message?: string, errors?: Record<string, string[]> }} */
    const { message = "", errors = {} } = JSON.parse(text);
    const joined = Object.entries(errors).map(([field, problems]) => [field, problems.join(", ")]);
    return { message, fieldErrors: Object.fromEntries(joined) };
  } catch {
    return { message: "", fieldErrors: {} };
  }
}
