// The session of this page with the inbox that serves it. The page exchanges the owner's API token for a session, so that the browser keeps a
// token that the owner can see in a list and end.

import { ownUrl, RefusedError, reasonOf, request } from "../page/api.js";
import { keep, kept } from "../page/kept.js";

/**
 * The result of an attempt to sign in: the token of the session, or an empty token with the reason. `isNew` is true if the API token has begun it. `isFinal` is false if the
 * inbox did not answer, so that another attempt makes sense.
 *
 * @typedef {{ token: string, problem: string, isNew: boolean, isFinal: boolean }} SignIn
 */

/** The problem of a page that has neither a session nor an API token. */
export const MISSING = "the API token is missing";

/**
 * Signs in with the session that the browser keeps, or else with the API token.
 *
 * @param {string} apiToken Empty if the user has given none.
 * @returns {Promise<SignIn>}
 */
export async function signIn(apiToken) {
  const resumed = await resume();
  if (resumed !== "") return { token: resumed, problem: "", isNew: false, isFinal: true };
  if (apiToken === "") return { token: "", problem: MISSING, isNew: false, isFinal: true };
  try {
    const { token } = await request({ baseUrl: ownUrl, token: apiToken }, "POST", "/session");
    keep("session", ownUrl, token);
    return { token, problem: "", isNew: true, isFinal: true };
  } catch (error) {
    return { token: "", problem: reasonOf(error), isNew: false, isFinal: error instanceof RefusedError };
  }
}

/**
 * Forgets a session that has ended. A newer one, which another tab has begun, stays.
 *
 * @param {string} token
 */
export function forgetSession(token) {
  if (kept("session", ownUrl) === token) keep("session", ownUrl, "");
}

/**
 * Ends a session, here and at the inbox.
 *
 * @param {string} token
 */
export async function endSession(token) {
  const access = { baseUrl: ownUrl, token };
  /** @type {{ id: number, current: boolean }[]} */
  const sessions = await request(access, "GET", "/sessions");
  const own = sessions.find(({ current }) => current);
  if (own) await request(access, "DELETE", `/sessions/${own.id}`);
  forgetSession(token);
}

/** Lets the session that the browser keeps last longer, and returns its token. Returns an empty text if the browser keeps no valid session. */
async function resume() {
  const token = kept("session", ownUrl);
  if (token === "") return "";
  try {
    await request({ baseUrl: ownUrl, token }, "POST", "/session");
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401) {
      forgetSession(token);
      return "";
    }
    // The session may still be good. If it is not, the next request of the page finds out.
  }
  return token;
}
