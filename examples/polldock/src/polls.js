// Handles the requests for the pages about polls, and for their forms.

import { CHANGES, MAX_OPTIONS, MAX_TEXT } from "./changes.js";
import { directory } from "./directory.js";
import { readForm, redirect } from "./forms.js";
import { person } from "./login.js";
import { notice } from "./page.js";
import { closePage, homePage, pollPage } from "./pages.js";

/** @import { Context, Env } from "./worker.js" */

/**
 * Returns the Durable Object of a poll, or undefined for an id that Polldock did not make.
 *
 * @param {Env} env
 * @param {string} id
 */
export function pollOf(env, id) {
  try {
    return env.POLLS.get(env.POLLS.idFromString(id));
  } catch {
    return undefined;
  }
}

/**
 * `GET /`
 *
 * @param {Context} context
 */
export async function home(context) {
  const [user, polls, sources] = await Promise.all([
    person(context),
    directory(context.env).polls(),
    directory(context.env).sources(),
  ]);
  return homePage({ inboxUrl: context.env.FLOWDOCK_URL, user, polls, sources });
}

/**
 * `POST /polls`
 *
 * @param {Context} context
 */
export async function createPoll(context) {
  const { request, env, url } = context;
  const user = await person(context);
  if (!user) return redirect(url, "/login");
  const form = await readForm(request);
  const [title, body] = ["title", "body"].map(form.text);
  const options = [...new Set(form.texts("option"))];
  const isLong = [title, body, ...options].some((text) => text.length > MAX_TEXT);
  if (!title || options.length < 2 || options.length > MAX_OPTIONS || isLong) {
    const options = `2 to ${MAX_OPTIONS} different options`;
    return notice(400, `A poll has a title and ${options}, and no text has more than ${MAX_TEXT} characters.`);
  }
  const id = env.POLLS.newUniqueId();
  const path = `/polls/${id}`;
  const problem = await env.POLLS.get(id).create({ url: url.origin + path, title, body, options }, user);
  return problem ? notice(problem.status, problem.text) : redirect(url, path);
}

/**
 * `GET /polls/:id`
 *
 * @param {Context} context
 */
export async function showPoll(context) {
  const { env, params } = context;
  const user = await person(context);
  const [poll, sources] = await Promise.all([pollOf(env, params.id)?.view(user?.id ?? ""), directory(env).sources()]);
  return poll ? pollPage(poll, user, sources) : unknown();
}

/**
 * `GET /polls/:id/close` asks before the poll is closed.
 *
 * @param {Context} context
 */
export async function askToClose({ env, params }) {
  const poll = await pollOf(env, params.id)?.view("");
  if (!poll) return unknown();
  return poll.status === "open" ? closePage(poll) : notice(409, "The poll is closed.", linkTo(poll.url));
}

/**
 * `POST /polls/:id`, with the name of a change and its value.
 *
 * @param {Context} context
 */
export async function changePoll(context) {
  const { request, env, url, params } = context;
  const user = await person(context);
  if (!user) return redirect(url, `/login?next=${encodeURIComponent(url.pathname)}`);
  const form = await readForm(request);
  const [change, value] = ["change", "value"].map(form.text);
  const poll = pollOf(env, params.id);
  if (!poll || !CHANGES.includes(change)) return notice(404, "There is nothing here.");
  const problem = await poll.change(user, change, value);
  return problem ? notice(problem.status, problem.text, linkTo(url.pathname)) : redirect(url, url.pathname);
}

function unknown() {
  return notice(404, "There is no such poll.");
}

/** @param {string} url */
function linkTo(url) {
  return { links: [{ url, text: "Back to the poll" }] };
}
