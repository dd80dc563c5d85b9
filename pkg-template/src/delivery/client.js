// Posts messages into the flow of one source.

import { needs, own, withFetch } from "../options.js";
import { call } from "../wasm/core.js";
import { filesOf, formOf } from "./attachments.js";
import { Hold } from "./hold.js";
import { Lanes } from "./lanes.js";
import { Latch } from "./latch.js";
import { listen } from "./listen.js";
import { Post } from "./post.js";
import { postAll } from "./post-all.js";
import { requestOf } from "./request.js";
import { groupOfTurn } from "./shared-in-workers.js";
import { Slots } from "./slots.js";

/** @typedef {{ files: [string, Blob][] | undefined, options: object }} Prepared */

export class Client {
  // Private fields, so that logging a client shows no token.
  #flowToken;
  /** @type {import("./post.js").Shared} */
  #shared;

  /** @param {import("../../index.js").ClientOptions} options */
  constructor(options) {
    needs("AbortController", "crypto", "performance");
    const {
      fetch,
      rest: { hooks: given, ...rest },
    } = withFetch(options);
    const hooks = own(given ?? undefined);
    const kinds = Object.entries(hooks).map(([name, hook]) => [name, hook === undefined ? hook : typeof hook]);
    const checked = call("checkClient", { ...rest, hooks: Object.fromEntries(kinds) });
    const { url, flowToken, settings } = JSON.parse(checked);
    this.#flowToken = flowToken;
    this.#shared = {
      url,
      fetch,
      hooks,
      settings,
      lanes: new Lanes(),
      slots: new Slots(settings.concurrency),
      hold: new Hold(),
      latch: new Latch(hooks.onSourceRemoved),
    };
  }

  get longestPostMs() {
    const { timeoutMs, retry } = this.#shared.settings;
    return timeoutMs + (retry.maxAttempts > 1 ? retry.maxElapsedMs : 0);
  }

  /**
   * @param {object} message
   * @param {import("../../index.js").PostOptions} [options]
   */
  async post(message, options) {
    const { signal, ...rest } = own(options);
    const post = this.#prepare(message, withFiles(rest), WORKERD ? groupOfTurn() : this);
    const stop = listen(signal, (reason) => post.giveUp(reason));
    try {
      return await post.run();
    } finally {
      stop();
    }
  }

  /**
   * @param {Iterable<object> | AsyncIterable<object>} messages
   * @param {import("../../index.js").PostAllOptions} [options]
   */
  postAll(messages, options) {
    const { signal, onProgress, ...rest } = own(options);
    const prepared = withFiles(rest);
    /** @param {object} message */
    const prepare = (message) => this.#prepare(message, prepared, prepared);
    return postAll(prepare, this.#shared.settings.concurrency, messages, signal, onProgress);
  }

  /**
   * @param {object} message
   * @param {Prepared} prepared
   * @param {object} group Identifies the call, for the entries for Workers.
   */
  #prepare(message, { files, options }, group) {
    const { token, fields, body: json, ...known } = requestOf(message, options, this.#flowToken);
    const body = files ? formOf(fields, files) : json;
    const tokens = token === undefined ? [this.#flowToken] : [this.#flowToken, token];
    return new Post(this.#shared, { ...known, body, tokens, group });
  }
}

/**
 * Splits the options of `post` into the files to send and the options for the module, which needs the ids of the files only.
 *
 * @param {any} options
 * @returns {Prepared}
 */
function withFiles({ attachments, ...options }) {
  const files = filesOf(attachments);
  return { files, options: files ? { ...options, attachments: files.map(([id]) => id).join(" ") } : options };
}
