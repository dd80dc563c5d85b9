// The entry of Polldock, the polling app of Flowdock's integration guide, as an edge worker. It maps requests to functions.

import { FlowdockError } from "flowdock-integration";
import { voteFromFlowdock } from "./action.js";
import { askName, logIn } from "./login.js";
import { notice } from "./page.js";
import { askToClose, changePoll, createPoll, home, showPoll } from "./polls.js";
import { beginConfiguration, beginSetup, comeBack, saveSource, showSource, toFlowdock } from "./setup.js";
import { style } from "./style.js";

/**
 * @typedef Env The worker's variables.
 * @property {string} FLOWDOCK_URL
 * @property {string} FLOWDOCK_CLIENT_ID
 * @property {string} FLOWDOCK_CLIENT_SECRET
 * @property {string} SESSION_SECRET
 * @property {DurableObjectNamespace<import("./poll.js").Poll>} POLLS
 * @property {DurableObjectNamespace<import("./directory.js").Directory>} DIRECTORY
 *
 * @typedef {{ request: Request, env: Env, url: URL, params: Record<string, string> }} Context A request, and the parts of its path.
 */

export { Directory } from "./directory.js";
export { Poll } from "./poll.js";

/** The path to which Flowdock sends signed clicks. All other POST requests are forms of Polldock's own pages. */
const ACTION = "/polls/:id/vote";

/** @type {[method: string, pathname: string, handle: (context: Context) => Response | Promise<Response>][]} */
const table = [
  ["GET", "/", home],
  ["GET", "/style.css", style],
  ["POST", "/polls", createPoll],
  ["GET", "/polls/:id", showPoll],
  ["POST", "/polls/:id", changePoll],
  ["GET", "/polls/:id/close", askToClose],
  ["POST", ACTION, voteFromFlowdock],
  ["GET", "/login", askName],
  ["POST", "/login", logIn],
  ["GET", "/flowdock/setup", beginSetup],
  ["GET", "/flowdock/configure", beginConfiguration],
  ["GET", "/flowdock/callback", comeBack],
  ["GET", "/flowdock/source", showSource],
  ["POST", "/flowdock/source", saveSource],
];
const routes = table.map(([method, pathname, handle]) => ({
  method,
  pathname,
  pattern: new URLPattern({ pathname }),
  handle,
}));

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  async fetch(request, env) {
    const url = new URL(request.url);
    const { method, headers } = request;
    const route = routes.find((route) => route.method === method && route.pattern.test(url));
    const params = route?.pattern.exec(url)?.pathname.groups;
    if (!route || !params) return notice(404, "There is nothing here.");
    // Browsers send the origin of the page of a form, and another page cannot change it.
    if (method === "POST" && route.pathname !== ACTION && headers.get("origin") !== url.origin) {
      return notice(403, "This form did not come from Polldock.");
    }
    try {
      return await route.handle({ request, env, url, params });
    } catch (error) {
      if (!(error instanceof FlowdockError)) throw error;
      const { status, text } = mistakes[error.code] ?? failure(error);
      return notice(status, `${text} Please begin again in Flowdock.`, toFlowdock(env));
    }
  },
};

/**
 * The answers to mistakes of users, by the code of the error.
 *
 * @type {Record<string, { status: number, text: string }>}
 */
const mistakes = {
  access_denied: { status: 403, text: "You did not allow it, so nothing was changed." },
  invalid_option: { status: 400, text: "The address is not one that Flowdock made." },
  state_mismatch: { status: 400, text: "This did not begin in this browser." },
};

/**
 * Logs any other error for the operator of Polldock, and returns the answer for the user.
 *
 * @param {FlowdockError} error
 */
function failure(error) {
  console.error(error);
  return { status: 502, text: `Flowdock could not be asked: ${error.message}.` };
}
