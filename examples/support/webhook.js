// Shared by the workers that receive webhooks. They post while the sender waits, and answer with sentences for the webhook's owner, because
// services show the answer beside each delivery.

import { Client, FlowdockError } from "flowdock-integration";

/** @import { Message } from "flowdock-integration" */

/**
 * Makes an answer with a sentence for the webhook's owner.
 *
 * @param {number} status
 * @param {string} sentence
 * @param {Record<string, string>} [headers]
 */
export function answer(status, sentence, headers) {
  return new Response(`${sentence}\n`, { status, headers });
}

/**
 * Returns an answer with the reason if a request cannot be a webhook or cannot be verified. Otherwise undefined.
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
 * Posts the message of a delivery.
 *
 * @param {{ FLOWDOCK_URL: string, FLOWDOCK_TOKEN: string }} env
 * @param {string} body The body of the delivery. Its signature must be verified already.
 * @param {(payload: any) => Message | undefined} toMessage Makes the message, or returns undefined if there is nothing to post.
 * @param {{ uuid: string | null, nothing?: string }} options The uuid of the message: a repeated delivery must have the same one. And the
 *   sentence for a delivery for which there is nothing to post.
 */
export async function tell(env, body, toMessage, { uuid, nothing = "nothing is posted for this event" }) {
  let payload;
  try {
    payload = JSON.parse(body);
  } catch (error) {
    return answer(400, `the body is no JSON: ${reasonOf(error)}`);
  }
  try {
    const message = toMessage(payload);
    if (message === undefined) return answer(202, nothing);
    // A new client for each request, because Workers does not let one request wait for another.
    const client = new Client({
      baseUrl: env.FLOWDOCK_URL,
      flowToken: env.FLOWDOCK_TOKEN,
      // Services wait about ten seconds for the answer to a delivery.
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
  const ours = /^(invalid_message|invalid_option|wasm_unavailable)$/.test(code);
  return answer(ours ? 500 : 502, `${maybeDuplicate ? "perhaps not posted" : "not posted"}: ${code}: ${message}`);
}

/** @param {unknown} error */
const reasonOf = (error) => (error instanceof Error ? error.message : String(error));
