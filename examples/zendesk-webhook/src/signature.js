// Verifies Zendesk's signature: base64 of HMAC-SHA256 over the time and the body, with the webhook's signing secret.

/** How far the signed time may be from now. An attacker may have recorded an older request and sent it again. */
const TOLERANCE_MS = 5 * 60 * 1000;

/**
 * Checks that a request comes from Zendesk.
 *
 * @param {string} secret
 * @param {Headers} headers
 * @param {Uint8Array<ArrayBuffer>} body The raw body.
 * @param {number} now The time, in milliseconds since 1970.
 * @returns {Promise<string | undefined>} The reason for doubt, or undefined if the signature is genuine.
 */
export async function doubt(secret, headers, body, now) {
  const [signature, time] = ["", "-timestamp"].map((name) => headers.get(`x-zendesk-webhook-signature${name}`));
  if (!signature || !time) return "the signature or its time is missing";
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
  const signed = await new Blob([time, body]).arrayBuffer();
  // `verify` compares in constant time.
  const isGenuine = await crypto.subtle.verify("HMAC", key, fromBase64(signature), signed);
  if (!isGenuine) return "the signature was not made of this body with the worker's ZENDESK_SIGNING_SECRET";
  // For an invalid time the difference is NaN, and the comparison is false.
  const isNear = Math.abs(now - Date.parse(time)) <= TOLERANCE_MS;
  return isNear ? undefined : "the signature is not of the last five minutes";
}

/**
 * Decodes base64. Invalid base64 gives no bytes, which are never a valid signature.
 *
 * @param {string} text
 */
function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
