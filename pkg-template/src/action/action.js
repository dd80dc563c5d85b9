// Actions that come back: whether a request is Flowdock's.

import { invalidOption } from "../error.js";
import { known } from "../options.js";
import { parse } from "../parse.js";
import { jsonText } from "../wasm/json-text.js";
import { call } from "../wasm/service.js";
import { hex, hmacSha256, sha256 } from "./digest.js";

/** @import { RawRequest, UpdateAction } from "flowdock-integration" */

/** @type {typeof import("flowdock-integration").verifyAction} */
export async function verifyAction(request, options) {
  const names = ["secrets", "expectedUrl", "now", "seen"];
  const { secrets, expectedUrl = request?.url, now = Date.now(), seen } = known(options, names);
  /** @param {unknown} secret */
  const isSecret = (secret) => typeof secret === "string" && secret !== "";
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecret)) {
    throw invalidOption("`secrets` must be an array of client secrets");
  }
  if (!URL.canParse(expectedUrl))
    throw invalidOption("`url` must be the whole URL that was called: else give it as `expectedUrl`");
  if (!Number.isFinite(now)) throw invalidOption("`now` must be milliseconds since 1970");
  if (seen !== undefined && typeof seen !== "function") throw invalidOption("`seen` must be a function");

  const token = header(request.headers);
  const signed = call.text("readToken", token);
  const body = await bytes(request);
  // Before anybody else can write into these bytes.
  const action = read(body);
  const [hash, ...macs] = await Promise.all([sha256(body), ...secrets.map((secret) => hmacSha256(secret, signed))]);
  const { urlTemplate, httpMethod } = action?.target ?? {};
  const proof = {
    signed: { url: normal(urlTemplate), method: httpMethod },
    called: { url: normal(String(expectedUrl)), method: request.method },
    macs: macs.map(hex),
    sha256: hex(hash),
    now: Math.floor(now / 1000),
  };
  const { userId, id, goodUntil } = JSON.parse(call.text("verifyAction", token, jsonText(proof)));
  if (await seen?.(id, goodUntil * 1000)) call("replayed");
  return { userId, action };
}

/**
 * The action in a body; where there is none, anything else.
 *
 * @param {Uint8Array} body
 */
function read(body) {
  try {
    // As strict as what reads it elsewhere.
    return parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

/**
 * A URL as the runtime writes it. A template with expressions is none.
 *
 * @param {string} url Of an action, where it may be anything.
 */
function normal(url) {
  return URL.canParse(url) && !url.includes("{") ? new URL(url).href : url;
}

/**
 * The token in the headers of a Request, or in an object of headers, whose names may be in any letter case.
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
 * The body as it came. What a framework parsed of it is not what was signed.
 *
 * @param {{ body: unknown, bodyUsed?: boolean, arrayBuffer?: () => Promise<ArrayBuffer> }} request
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bytes(request) {
  if (request.bodyUsed)
    throw invalidOption("the request's body was read already: verify first, the action comes with it");
  if (typeof request.arrayBuffer === "function") return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) {
    // A copy: other threads may write into shared memory, and WebCrypto reads none.
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  }
  // Of another realm as well.
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]")
    return new Uint8Array(/** @type {ArrayBuffer} */ (body));
  throw invalidOption("`body` must be the raw body, as a string or as bytes");
}
