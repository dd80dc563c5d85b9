// Handles a click in Flowdock on "Vote for …": verifies it, finds the person in Polldock, and counts the vote.

import { FlowdockError, verifyAction } from "flowdock-integration";
import { directory } from "./directory.js";
import { challenge } from "./login.js";
import { pollOf } from "./polls.js";

/** @import { Context } from "./worker.js" */

/**
 * `POST /polls/:id/vote?option=…`
 *
 * @param {Context} context
 */
export async function voteFromFlowdock(context) {
  const { request, env, url, params } = context;
  const poll = pollOf(env, params.id);
  if (!poll) return refused(404, "there is no such poll");
  let click;
  try {
    click = await verifyAction(request, {
      secrets: [env.FLOWDOCK_CLIENT_SECRET],
      seen: (id, until) => poll.seen(id, until),
    });
  } catch (error) {
    // These two are mistakes of this service, and say nothing about the request.
    if (!(error instanceof FlowdockError) || /^(invalid_option|wasm_unavailable)$/.test(error.code)) throw error;
    return refused(403, error.code);
  }
  const user = await directory(env).userOf(click.userId);
  if (!user) return challenge(context, click.userId, click.action.agent);
  // The option can be trusted, because it is part of the signed URL.
  const problem = await poll.change(user, "vote", url.searchParams.get("option") ?? "");
  return problem ? refused(problem.status, problem.text) : Response.json({});
}

/**
 * @param {number} status
 * @param {string} error
 */
function refused(status, error) {
  return Response.json({ error }, { status });
}
