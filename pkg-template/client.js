// Posts messages into the flow of one source.

import * as core from "./core.js";
import { asError, invalidOption } from "./error.js";
import { pack } from "./frame.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #options;
  #fetch;

  constructor(options) {
    const { fetch: ownFetch, ...rest } = options ?? {};
    const fetch = ownFetch ?? globalThis.fetch;
    if (typeof fetch !== "function") throw invalidOption("`fetch` must be a function");
    try {
      core.checkClient(rest);
    } catch (failure) {
      throw asError(failure);
    }
    this.#options = rest;
    this.#fetch = fetch;
  }

  async post(message, options) {
    const { signal, ...rest } = options ?? {};
    if (signal !== undefined && typeof signal?.addEventListener !== "function") {
      throw invalidOption("`signal` must be an AbortSignal");
    }
    const { text, tape } = pack(message);
    try {
      return await core.post(this.#options, rest, text, tape, this.#fetch, pack, signal);
    } catch (failure) {
      throw asError(failure);
    }
  }
}
