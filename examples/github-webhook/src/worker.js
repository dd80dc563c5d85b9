// Receives GitHub's webhooks and posts messages about them into a flow.

import { verify } from "@octokit/webhooks-methods";
import { answer, refusal, tell } from "../../support/webhook.js";
import { TOLD, toMessage } from "./message.js";

export default {
  /**
   * @param {Request} request
   * @param {{ FLOWDOCK_URL: string, FLOWDOCK_TOKEN: string, GITHUB_WEBHOOK_SECRET: string }} env
   */
  async fetch(request, env) {
    const refused = refusal(request, env, "GITHUB_WEBHOOK_SECRET");
    if (refused) return refused;
    const { headers } = request;
    const body = await request.text();
    if (!(await isSigned(env.GITHUB_WEBHOOK_SECRET, body, headers.get("x-hub-signature-256")))) {
      return answer(401, "the signature was not made of this body with the worker's GITHUB_WEBHOOK_SECRET");
    }
    const event = headers.get("x-github-event");
    return tell(env, body, (payload) => toMessage(event, payload), {
      uuid: headers.get("x-github-delivery"),
      nothing: `nothing is posted for ${event ?? "a delivery without an event"}, only for ${TOLD.join(", ")}`,
    });
  },
};

/**
 * Whether the body was signed with the secret. The library would throw for an empty body and for a text that is not a signature.
 *
 * @param {string} secret
 * @param {string} body
 * @param {string | null} signature
 */
async function isSigned(secret, body, signature) {
  return (
    body !== "" && signature !== null && /^sha256=[0-9a-f]{64}$/.test(signature) && verify(secret, body, signature)
  );
}
