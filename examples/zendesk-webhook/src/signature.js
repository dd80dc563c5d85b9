// Zendesk's signature: base64 of HMAC-SHA256 over the time and the body, with the webhook's signing secret.

/** How far the time that was signed may be from now: an older request is somebody's who recorded it. */
const TOLERANCE_MS = 5 * 60 * 1000;

/**
 * @param {string} secret
 * @param {Headers} headers
 * @param {Uint8Array<ArrayBuffer>} body As it came.
 * @param {number} now In milliseconds.
 * @returns {Promise<string | undefined>} Why the request may not be Zendesk's; none when it is.
 */
export async function doubt(secret, headers, body, now) {
  const [signature, time] = ["", "-timestamp"].map((name) => headers.get(`x-zendesk-webhook-signature${name}`));
  if (!signature || !time) return "the signature or its time is missing";
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
  const signed = await new Blob([time, body]).arrayBuffer();
  // In constant time.
  const isGenuine = await crypto.subtle.verify("HMAC", key, fromBase64(signature), signed);
  if (!isGenuine) return "the signature was not made of this body with the worker's ZENDESK_SIGNING_SECRET";
  // A time that cannot be read is near to nothing.
  const isNear = Math.abs(now - Date.parse(time)) <= TOLERANCE_MS;
  return isNear ? undefined : "the signature is not of the last five minutes";
}

/**
 * What is no base64 is a signature of no bytes, which fits nothing.
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
