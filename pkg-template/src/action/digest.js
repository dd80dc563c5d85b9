// Hashes, by WebCrypto.

import { invalidOption } from "../error.js";

function subtle() {
  if (!globalThis.crypto?.subtle)
    throw invalidOption("there is no `crypto.subtle` here: a page has it over https alone");
  return crypto.subtle;
}

/** @returns {Promise<Uint8Array>} */
export async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}

/** @returns {Promise<Uint8Array>} */
export async function hmacSha256(secret, text) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle().importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", key, new TextEncoder().encode(text)));
}

/** In lower case. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Without padding (RFC 4648, 5). */
export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
