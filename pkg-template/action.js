// Actions that come back: whether a request is Flowdock's, and how to ask its user to log in.

import { parse } from "./ask.js";
import { call } from "./call.js";
import * as core from "./core.js";
import { hex, hmacSha256, sha256 } from "./digest.js";
import { invalidOption } from "./error.js";
import { known } from "./own.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function verifyAction(request, options) {
  const { secrets, expectedUrl = request.url, now = Date.now(), seen } = known(
    options,
    ["secrets", "expectedUrl", "now", "seen"],
  );
  const isSecret = (secret) => typeof secret === "string" && secret !== "";
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecret)) {
    throw invalidOption("`secrets` must be an array of client secrets");
  }
  const token = header(request.headers);
  const { signed, header: head, claims } = JSON.parse(call(core.readToken, token));
  const body = await bytes(request);
  const [hash, ...macs] = await Promise.all([sha256(body), ...secrets.map((secret) => hmacSha256(secret, signed))]);
  const action = parse(decoder.decode(body));
  const verified = call(core.verifyAction, token, {
    header: parse(head),
    claims: parse(claims),
    action,
    url: String(expectedUrl),
    macs: macs.map(hex),
    sha256: hex(hash),
    now: Math.floor(now / 1000),
  });
  const { userId, id, goodUntil } = JSON.parse(verified);
  if (await seen?.(id, goodUntil * 1000)) call(core.replayed);
  return { userId, action };
}

export function authenticationChallenge(url) {
  const headers = { "WWW-Authenticate": call(core.challenge, String(url)), "Content-Type": "application/json" };
  return new Response('{"error":"Authentication required"}', { status: 401, headers });
}

/** The token in the headers of a Request, or in an object of headers, whose names may be in any letter case. */
function header(headers) {
  const name = "flowdock-token";
  if (typeof headers?.get === "function") return headers.get(name) ?? "";
  const entry = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return entry ? String(entry[1]) : "";
}

/** The body as it came. What a framework parsed of it is not what was signed. */
async function bytes(request) {
  if (request.bodyUsed) throw invalidOption("the request's body was read already: verify first, the action comes with it");
  if (typeof request.arrayBuffer === "function") return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (typeof body === "string") return encoder.encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw invalidOption("`body` must be the raw body, as a string or as bytes");
}
