// Posts messages into the flow of one source.

import { filesOf, formOf } from "./attachments.js";
import { Cancels } from "./cancels.js";
import { call } from "../wasm/core.js";
import { jsonText } from "../wasm/json-text.js";
import { Line } from "./line.js";
import { listen } from "./listen.js";
import { isOfRuntime, own, withFetch } from "../options.js";
import { postAll } from "./post-all.js";
import { Post } from "./post.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #flowToken;
  #line;

  constructor(options) {
    const {
      fetch,
      rest: { hooks, ...rest },
    } = withFetch(options);
    const called = own(hooks ?? undefined);
    const kinds = Object.entries(called).map(([name, hook]) => [name, hook === undefined ? hook : typeof hook]);
    const checked = call("checkClient", { ...rest, hooks: Object.fromEntries(kinds) });
    const { url, flowToken, settings } = JSON.parse(checked);
    this.#flowToken = flowToken;
    this.#line = new Line(url, fetch, called, settings);
  }

  async post(message, options) {
    const { signal, ...rest } = own(options);
    const post = this.#prepare(message, withFiles(rest), new Cancels(false));
    const stop = listen(signal, (reason) => post.giveUp(reason));
    try {
      return await post.run();
    } finally {
      stop();
    }
  }

  postAll(messages, options) {
    const { signal, onProgress, ...rest } = own(options);
    const how = withFiles(rest);
    // Of this call alone, as workerd lets no signal go from one event that it handles to another.
    const cancels = new Cancels(isOfRuntime(this.#line.fetch));
    const prepare = (message) => this.#prepare(message, how, cancels);
    return postAll(prepare, this.#line.settings.concurrency, messages, signal, onProgress);
  }

  #prepare(message, { files, options }, cancels) {
    const text = jsonText(message);
    const more = { options, flowToken: this.#flowToken, random: random() };
    const request = JSON.parse(call.text("request", text, jsonText(more)));
    const { headers, lanes, uuid, token, front, fields } = request;
    let { body = text } = request;
    if (fields) body = formOf(fields, files);
    // The message with what it lacks in front, in place of its brace.
    else if (front) body = front + text.slice(1);
    const tokens = token === undefined ? [this.#flowToken] : [this.#flowToken, token];
    return new Post(this.#line, { headers, body, lanes, uuid, tokens }, cancels);
  }
}

/** The files to send, and the options as the module reads them: of the files it has to know the ids. */
function withFiles({ attachments, ...options }) {
  const files = filesOf(attachments);
  return { files, options: files ? { ...options, attachments: files.map(([id]) => id).join(" ") } : options };
}

/** Random numbers for the next uuids; to ask for four at a time costs more than all the rest of a uuid. */
const pool = /* @__PURE__ */ new Uint32Array(256);
let left = 0;

/** Sixteen random bytes, as four numbers. */
function random() {
  if (left === 0) left = crypto.getRandomValues(pool).length;
  return [pool[--left], pool[--left], pool[--left], pool[--left]];
}
