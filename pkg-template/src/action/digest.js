// Hashes made with WebCrypto, and how they are written as text.

import { invalidOption } from "../error.js";

function subtle() {
  if (!globalThis.crypto?.subtle)
    throw invalidOption("there is no `crypto.subtle` here: a page has it over https alone");
  return crypto.subtle;
}

/** @param {BufferSource} bytes */
export async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}

/**
 * @param {string} secret
 * @param {string} text
 */
export async function hmacSha256(secret, text) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle().importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", key, new TextEncoder().encode(text)));
}

/**
 * Writes bytes as hexadecimal digits in lower case.
 *
 * @param {Uint8Array} bytes
 */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Writes bytes as base64url without padding (RFC 4648, section 5).
 *
 * @param {Uint8Array} bytes
 */
export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
