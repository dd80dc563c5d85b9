// Signs facts that Polldock gives to browsers and later reads back. Each is a JWT for one purpose that expires.

import { errors, jwtVerify, SignJWT } from "jose";

/** @import { Env } from "./worker.js" */

const encoder = new TextEncoder();
/** @param {Env} env */
const key = (env) => encoder.encode(env.SESSION_SECRET);

/**
 * @param {Env} env
 * @param {string} purpose
 * @param {{ sub: string, name: string }} facts
 * @param {string} lifetime Such as `15m`.
 */
export function sign(env, purpose, facts, lifetime) {
  const token = new SignJWT(facts).setProtectedHeader({ alg: "HS256" }).setAudience(purpose);
  return token.setExpirationTime(lifetime).sign(key(env));
}

/**
 * Returns the facts of a token. Undefined if the token is not ours, is for another purpose, or has expired.
 *
 * @param {Env} env
 * @param {string} purpose
 * @param {string | undefined} token
 * @returns {Promise<{ sub: string, name: string } | undefined>}
 */
export async function verified(env, purpose, token) {
  try {
    const options = { audience: purpose, algorithms: ["HS256"], requiredClaims: ["exp"] };
    return (await jwtVerify(token ?? "", key(env), options)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
