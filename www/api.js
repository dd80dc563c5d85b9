// Requests to the inbox's API, as its owner.

/** The inbox that serves this page, whatever path a server in front of it puts before its own. */
export const ownUrl = new URL(".", location).href.replace(/\/+$/, "");

/** The server refused; asking again would not help. */
export class RefusedError extends Error {}

/**
 * Makes a request with the API token.
 *
 * @returns What the answer holds; undefined where that is nothing.
 */
export async function request({ baseUrl, apiToken }, method, path, { query, body, signal } = {}) {
  const headers = { Accept: "application/json", Authorization: `Bearer ${apiToken}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // Without credentials a 401 comes back to us instead of a question for a password.
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

/** The path of the connection's flow. */
export const flowPath = ({ organization, flow }) =>
  `/flows/${encodeURIComponent(organization)}/${encodeURIComponent(flow)}`;

/**
 * Signs this browser in, so that a consent page of the inbox knows whose click it gets. Only where the page comes from
 * the inbox itself: a cookie for another server would not be kept.
 */
export async function signIn({ baseUrl, apiToken }) {
  if (apiToken === "" || baseUrl !== ownUrl) return;
  const headers = { Authorization: `Bearer ${apiToken}` };
  // Should it fail, the consent page asks for the API token.
  await fetch(`${baseUrl}/session`, { method: "POST", headers, credentials: "same-origin" }).catch(() => undefined);
}

function reasonIn(text) {
  try {
    const { message = "", errors = {} } = JSON.parse(text);
    const fields = Object.entries(errors).map(([field, problems]) => `${field} ${problems.join(", ")}`);
    return [message, ...fields].join("; ");
  } catch {
    return "";
  }
}
