// OAuth 2.0: asks a user for permission, and exchanges the permission for tokens.

import { base64url, sha256 } from "../action/digest.js";
import { sharedWith } from "../delivery/shared-in-workers.js";
import { invalidOption } from "../error.js";
import { known, needs, withFetch } from "../options.js";
import { call } from "../wasm/service.js";
import { ask } from "./ask.js";

/** @import * as flowdock from "flowdock-integration" */

export class OAuth {
  // Private fields, so that logging the object shows no secret.
  #options;
  #fetch;
  #timeoutMs;
  /** The refresh requests in flight, by refresh token. The server would refuse a second request with an equal token, or take it for theft. */
  #refreshing = new Map();

  /** @param {flowdock.OAuthOptions} options */
  constructor(options) {
    needs("AbortController");
    const { fetch, rest } = withFetch(options);
    this.#timeoutMs = Number(call("checkSetup", { kind: "oauth", options: rest }));
    this.#options = rest;
    this.#fetch = fetch;
  }

  /** @type {typeof flowdock.OAuth.pkce} */
  static async pkce() {
    needs("crypto", "TextEncoder");
    const codeVerifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    return { codeVerifier, codeChallenge: base64url(await sha256(new TextEncoder().encode(codeVerifier))) };
  }

  /** @type {flowdock.OAuth["authorizeUrl"]} */
  authorizeUrl(wanted) {
    const { scope, state, codeChallenge } = known(wanted, ["scope", "state", "codeChallenge"]);
    const codeChallengeMethod = codeChallenge && "S256";
    const values = { scope: joined(scope), state, codeChallenge, codeChallengeMethod };
    return JSON.parse(call("setupRequest", { operation: "authorizeUrl", options: this.#options, values })).url;
  }

  /** @type {flowdock.OAuth["exchangeCode"]} */
  async exchangeCode(callback) {
    const names = ["url", "state", "code", "codeVerifier", "scope", "signal"];
    const { url, state, code, codeVerifier, scope, signal } = known(callback, names);
    if ((url === undefined) === (code === undefined)) throw invalidOption("either `url` is required, or `code`");
    const wanted = joined(scope);
    // Refused, because without `url` the state is compared with nothing, and the caller would believe that it was checked.
    if (url === undefined && state !== undefined)
      throw invalidOption("`state` is held against `url`: give the URL that was called");
    const granted = url === undefined ? code : call("readCallback", { url: String(url), state });
    return this.#tokens("exchangeCode", { code: granted, codeVerifier }, wanted, signal);
  }

  /** @type {flowdock.OAuth["refresh"]} */
  refresh(refreshToken) {
    const asked = this.#refreshing.get(refreshToken);
    if (asked) return asked();
    /** @type {() => Promise<any>} */
    let share;
    const forget = () => {
      // Another request may have begun anew meanwhile.
      if (this.#refreshing.get(refreshToken) === share) this.#refreshing.delete(refreshToken);
    };
    const answer = this.#tokens("refresh", { refreshToken })
      // If the answer has no new refresh token, the old one stays valid.
      .then((tokens) => ({ refreshToken, ...tokens }))
      .finally(forget);
    share = WORKERD ? sharedWith(answer, this.#timeoutMs, forget) : () => answer;
    this.#refreshing.set(refreshToken, share);
    return answer;
  }

  /**
   * @param {string} operation
   * @param {object} grant
   * @param {string} [scope]
   * @param {flowdock.AbortSignalLike | null} [signal]
   */
  async #tokens(operation, grant, scope, signal) {
    const asked = Date.now();
    const request = JSON.parse(call("setupRequest", { operation, options: this.#options, values: grant }));
    const { read } = await ask(this.#fetch, request, this.#timeoutMs, signal);
    const { expiresIn, ...tokens } = JSON.parse(read("tokens", { scope }));
    return expiresIn === undefined ? tokens : { ...tokens, expiresAt: asked + expiresIn * 1000 };
  }
}

/**
 * Joins the names of scopes with spaces.
 *
 * @param {flowdock.Authorization["scope"]} scope
 */
function joined(scope) {
  const names = Array.isArray(scope) ? scope.join(" ") : scope;
  // Checked before the request, because a code can be used only once.
  if (names !== undefined && typeof names !== "string") throw invalidOption("`scope` must be a string or an array");
  return names;
}
