// Posts messages into the flow of one source.

import { call } from "./call.js";
import * as core from "./core.js";
import { invalidOption } from "./error.js";
import { post } from "./post.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #options;
  #fetch;

  constructor(options) {
    const { fetch = globalThis.fetch, ...rest } = own(options);
    if (typeof fetch !== "function") throw invalidOption("`fetch` must be a function");
    call(core.checkClient, rest);
    this.#options = rest;
    this.#fetch = fetch;
  }

  async post(message, options) {
    const { signal, ...rest } = own(options);
    const request = JSON.parse(call(core.request, message, rest, this.#options, crypto.getRandomValues(new Uint8Array(16))));
    return post(this.#fetch, request, signal);
  }
}

/** A copy of the options that are no data as well. */
function own(options) {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalidOption("the options must be an object");
  }
  try {
    return { ...options };
  } catch {
    throw invalidOption("the options could not be read");
  }
}
