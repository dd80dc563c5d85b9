// Posts messages into the flow of one source.

import * as core from "./core.js";
import { asError, invalidOption, orThrow } from "./error.js";
import { exchange, relay } from "./exchange.js";
import { pack } from "./frame.js";
import { readOptions } from "./options.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #options;
  #fetch;

  constructor(options) {
    const { fetch = globalThis.fetch, ...rest } = readOptions(options);
    if (typeof fetch !== "function") throw invalidOption("`fetch` must be a function");
    orThrow(() => core.checkClient(rest));
    this.#options = rest;
    this.#fetch = fetch;
  }

  async post(message, options) {
    const { signal: callers, ...rest } = readOptions(options);
    const { signal, stop } = relay(callers);
    // As a plain function: the runtime's own fetch refuses any other `this`.
    const fetch = this.#fetch;
    const send = (url, init) => exchange((...request) => fetch(...request), url, init);
    try {
      const { text, tape } = pack(message);
      return await core.post(this.#options, rest, text, tape, send, pack, signal);
    } catch (failure) {
      throw asError(failure);
    } finally {
      stop();
    }
  }
}
