// Verifies that a request for an UpdateAction comes from Flowdock.

import { invalidOption } from "../error.js";
import { known, needs } from "../options.js";
import { parse } from "../parse.js";
import { jsonText } from "../wasm/json-text.js";
import { call } from "../wasm/service.js";
import { hex, hmacSha256, sha256 } from "./digest.js";

/** @import { RawRequest, UpdateAction } from "flowdock-integration" */

/** @type {typeof import("flowdock-integration").verifyAction} */
export async function verifyAction(request, options) {
  needs("TextDecoder", "TextEncoder", "URL");
  const names = ["secrets", "expectedUrl", "now", "seen"];
  const { secrets, expectedUrl = request?.url, now = Date.now(), seen } = known(options, names);
  /** @param {unknown} secret */
  const isSecret = (secret) => typeof secret === "string" && secret !== "";
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecret)) {
    throw invalidOption("`secrets` must be an array of client secrets");
  }
  if (!isUrl(expectedUrl))
    throw invalidOption("`url` must be the whole URL that was called: else give it as `expectedUrl`");
  if (!Number.isFinite(now)) throw invalidOption("`now` must be milliseconds since 1970");
  if (seen !== undefined && typeof seen !== "function") throw invalidOption("`seen` must be a function");

  const token = header(request.headers);
  const signed = call.text("readToken", token);
  const body = await bytes(request);
  // Read before the next `await`, during which other code could write into these bytes.
  const action = read(body);
  const [hash, ...macs] = await Promise.all([sha256(body), ...secrets.map((secret) => hmacSha256(secret, signed))]);
  const { urlTemplate, httpMethod } = action?.target ?? {};
  const proof = {
    signed: { url: normal(urlTemplate), method: httpMethod },
    called: { url: normal(String(expectedUrl)), method: request.method },
    macs: macs.map(hex).join(" "),
    sha256: hex(hash),
    now: Math.floor(now / 1000),
  };
  const { userId, id, goodUntil } = JSON.parse(call.text("verifyAction", token, jsonText(proof)));
  if (await seen?.(id, goodUntil * 1000)) call("replayed");
  return { userId, action };
}

/**
 * Parses a body. The result is an action only if the signer put one there: else it is any other value, or undefined.
 *
 * @param {Uint8Array} body
 */
function read(body) {
  try {
    // As strict as the Rust version: invalid UTF-8 is refused, and a byte order mark is not skipped.
    return parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

/**
 * Normalises a URL as the runtime writes it. A template with expressions, and a text that is not a URL, stay as they are.
 *
 * @param {string} url From an action that is not verified yet, so it may be any value.
 */
function normal(url) {
  return isUrl(url) && !url.includes("{") ? new URL(url).href : url;
}

/** @param {any} url */
function isUrl(url) {
  try {
    return Boolean(new URL(url));
  } catch {
    return false;
  }
}

/**
 * Finds the token in the headers of a Request, or in an object of headers, whose names may be in any letter case.
 *
 * @param {RawRequest["headers"]} headers
 */
function header(headers) {
  const name = "flowdock-token";
  if (typeof headers?.get === "function") return headers.get(name) ?? "";
  const entry = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return entry ? String(entry[1]) : "";
}

/**
 * Reads the raw body. Flowdock signed these bytes, and not what a framework parsed from them.
 *
 * @param {{ body?: unknown, bodyUsed?: boolean, arrayBuffer?: () => Promise<ArrayBuffer> }} request
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bytes(request) {
  if (request.bodyUsed)
    throw invalidOption("the request's body was read already: verify first, the action comes with it");
  if (typeof request.arrayBuffer === "function") return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) {
    // Copied, because other threads may write into shared memory, and WebCrypto does not read shared memory.
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  }
  // Unlike `instanceof`, this also recognises an ArrayBuffer of another realm, such as another frame.
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]")
    return new Uint8Array(/** @type {ArrayBuffer} */ (body));
  throw invalidOption("`body` must be the raw body, as a string or as bytes");
}
