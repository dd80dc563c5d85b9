// Receives the webhooks of Zendesk's triggers and posts messages about them into a flow.

import { answer, refusal, tell } from "../../support/webhook.js";
import { toMessage } from "./message.js";
import { doubt } from "./signature.js";

export default {
  /**
   * @param {Request} request
   * @param {{ FLOWDOCK_URL: string, FLOWDOCK_TOKEN: string, ZENDESK_SIGNING_SECRET: string }} env
   */
  async fetch(request, env) {
    const refused = refusal(request, env, "ZENDESK_SIGNING_SECRET");
    if (refused) return refused;
    const { headers } = request;
    const body = new Uint8Array(await request.arrayBuffer());
    const reason = await doubt(env.ZENDESK_SIGNING_SECRET, headers, body, Date.now());
    if (reason) return answer(401, reason);
    const invocation = headers.get("x-zendesk-webhook-invocation-id");
    return tell(env, new TextDecoder().decode(body), toMessage, {
      uuid: invocation && `zendesk:${invocation}`,
    });
  },
};
