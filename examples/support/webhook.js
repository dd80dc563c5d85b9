// What the workers that receive webhooks have in common: posting while the sender waits, and answers that its owner
// understands, for services show them beside each delivery.

import { Client, FlowdockError } from "flowdock-integration";

/** @import { Message } from "flowdock-integration" */

/**
 * An answer with a sentence for the webhook's owner.
 *
 * @param {number} status
 * @param {string} sentence
 * @param {Record<string, string>} [headers]
 */
export function answer(status, sentence, headers) {
  return new Response(`${sentence}\n`, { status, headers });
}

/**
 * Why a request cannot be a webhook, or not be verified, as an answer; none when it can.
 *
 * @template {string} Secret
 * @param {Request} request
 * @param {Record<Secret, string>} env
 * @param {Secret} secret The name of the worker's variable that holds the secret.
 */
export function refusal(request, env, secret) {
  if (!env[secret]) return answer(500, `the worker has no ${secret}`);
  if (request.method !== "POST") return answer(405, "webhooks come by POST", { allow: "POST" });
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    return answer(415, "set the webhook's content type to application/json");
  return undefined;
}

/**
 * Posts what a delivery tells.
 *
 * @param {{ FLOWDOCK_URL: string, FLOWDOCK_TOKEN: string }} env
 * @param {string} body The delivery's body, once its signature is verified.
 * @param {(payload: any) => Message | undefined} toMessage Returns none where there is nothing to tell.
 * @param {string | null} uuid The message's uuid: a delivery that is repeated brings the same one.
 */
export async function tell(env, body, toMessage, uuid) {
  let payload;
  try {
    payload = JSON.parse(body);
  } catch (error) {
    return answer(400, `the body is no JSON: ${reasonOf(error)}`);
  }
  try {
    const message = toMessage(payload);
    if (message === undefined) return answer(202, "nothing is told of this event");
    // One for each request: what waits ends with the request that it belongs to.
    const client = new Client({
      baseUrl: env.FLOWDOCK_URL,
      flowToken: env.FLOWDOCK_TOKEN,
      // Services give a delivery up after about ten seconds.
      timeoutMs: 4_000,
      retry: { maxElapsedMs: 8_000 },
    });
    const result = await client.post(uuid ? { ...message, uuid } : message);
    return answer(200, `posted as ${result.uuid}`);
  } catch (error) {
    console.error("not posted:", error);
    return failure(error);
  }
}

/** @param {unknown} error */
function failure(error) {
  if (!(error instanceof FlowdockError))
    return answer(500, `this delivery does not read as its event does: ${reasonOf(error)}`);
  const { code, message, maybeDuplicate } = error;
  if (code === "source_removed") {
    return answer(
      410,
      "a user removed the source from the flow: delete this webhook, or give the worker a new flow token",
    );
  }
  const ours = code === "invalid_message" || code === "invalid_option";
  return answer(ours ? 500 : 502, `${maybeDuplicate ? "perhaps not posted" : "not posted"}: ${code}: ${message}`);
}

/** @param {unknown} error */
const reasonOf = (error) => (error instanceof Error ? error.message : String(error));
