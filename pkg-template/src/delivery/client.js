// Posts messages into the flow of one source.

import { needs, own, withFetch } from "../options.js";
import { call } from "../wasm/core.js";
import { jsonText } from "../wasm/json-text.js";
import { filesOf, formOf } from "./attachments.js";
import { Hold } from "./hold.js";
import { Lanes } from "./lanes.js";
import { Latch } from "./latch.js";
import { listen } from "./listen.js";
import { Post } from "./post.js";
import { postAll } from "./post-all.js";
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
    const text = jsonText(message);
    const more = jsonText({ options, flowToken: this.#flowToken, random: random().join(" ") });
    const { token, front, fields, body: whole, ...known } = JSON.parse(call.text("request", text, more));
    // `front` starts with a brace and holds the keys that the message lacks. It replaces the first brace of the message.
    const json = front ? front + text.slice(1) : (whole ?? text);
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

/** Random numbers for the next uuids. To ask the engine for four at a time takes longer than all other work for a uuid. */
const pool = /* @__PURE__ */ new Uint32Array(256);
/** How many numbers of the pool are not used yet. */
let left = 0;

/** Returns sixteen random bytes for a uuid, as four numbers. */
function random() {
  if (left === 0) left = crypto.getRandomValues(pool).length;
  left -= 4;
  return [...pool.subarray(left, left + 4)];
}
