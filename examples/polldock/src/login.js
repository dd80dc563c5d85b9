// Logs people in. A person is a name that a browser gave; there are no passwords. A session is a signed cookie.
//
// A claim links a Flowdock user to a person. It is part of the URL of the login challenge, signed by Polldock, and names the Flowdock user who
// clicked. The login page asks whether the visitor is that user, because somebody else could have sent the link.

import { authenticationChallenge } from "flowdock-integration";
import { cookie, cookieFor } from "./cookie.js";
import { directory } from "./directory.js";
import { readForm, redirect } from "./forms.js";
import { backTo, HOME, notice } from "./page.js";
import { loginPage } from "./pages.js";
import { sign, verified } from "./signed.js";

/** @import { Person } from "./changes.js" */
/** @import { Context } from "./worker.js" */

const DAYS = 30;
const MAX_NAME = 60;

/**
 * Reads the session.
 *
 * @param {Pick<Context, "request" | "env">} context
 * @returns {Promise<Person | undefined>} The person who uses the browser.
 */
export async function person({ request, env }) {
  const facts = await verified(env, "session", cookie(request, "session"));
  return facts && { id: facts.sub, name: facts.name };
}

/**
 * Makes the answer to a click of a Flowdock user who is not linked to a person yet.
 *
 * @param {Context} context
 * @param {string} userId
 * @param {import("flowdock-integration").Person} [agent]
 */
export async function challenge({ env, url }, userId, agent) {
  const claim = await sign(env, "claim", { sub: userId, name: String(agent?.name ?? "without a name") }, "15m");
  return authenticationChallenge(`${url.origin}/login?claim=${claim}`);
}

/**
 * `GET /login`, with a claim, or with the path of the next page.
 *
 * @param {Context} context
 */
export async function askName(context) {
  const { env, url } = context;
  const { claim = "", next = "/" } = Object.fromEntries(url.searchParams);
  const facts = claim ? await verified(env, "claim", claim) : undefined;
  if (claim && !facts) return expired(context);
  return loginPage({ claim, next, flowdockName: facts?.name, name: (await person(context))?.name ?? "" });
}

/**
 * `POST /login`
 *
 * @param {Context} context
 */
export async function logIn(context) {
  const { env, url } = context;
  const form = await readForm(context.request);
  const [name, claim, next] = ["name", "claim", "next"].map(form.text);
  if (!name || name.length > MAX_NAME) return notice(400, `A name has 1 to ${MAX_NAME} characters.`);
  const facts = claim ? await verified(env, "claim", claim) : undefined;
  if (claim && !facts) return expired(context);

  const known = await person(context);
  const user = { id: known?.id ?? crypto.randomUUID(), name };
  if (facts && !(await directory(env).link(facts.sub, user))) {
    return notice(409, "This Flowdock user was linked before: the action works.", await waysBack(context));
  }
  const session = await sign(env, "session", { sub: user.id, name }, `${DAYS} days`);
  const headers = { "set-cookie": cookieFor(url, "session", session, DAYS * 24 * 60 * 60) };
  if (facts) {
    const text = `Thank you, ${name}. Now click once more in Flowdock. From then on your clicks count at once.`;
    return notice(200, text, { headers, ...(await waysBack(context)) });
  }
  return redirect(url, /^\/polls\/\w+$/.test(next) ? next : "/", headers);
}

/** @param {Context} context */
async function expired(context) {
  return notice(400, "This link has expired. Click once more in Flowdock for a new one.", await waysBack(context));
}

/**
 * Makes the links to the flows, from one of which the user has come.
 *
 * @param {Pick<Context, "env">} context
 */
async function waysBack({ env }) {
  return { links: [...backTo(await directory(env).sources()), HOME] };
}
