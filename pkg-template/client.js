// Posts messages into the flow of one source.

import { filesOf, formOf } from "./attachments.js";
import { call } from "./core.js";
import { Line } from "./line.js";
import { own, withFetch } from "./own.js";
import { postAll } from "./post-all.js";
import { post } from "./post.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #kept;
  #line;

  constructor(options) {
    const { fetch, rest: { hooks, ...rest } } = withFetch(options);
    const called = own(hooks ?? undefined);
    const kinds = Object.entries(called).map(([name, hook]) => [name, hook === undefined ? hook : typeof hook]);
    const { url, settings } = JSON.parse(call("checkClient", { ...rest, hooks: Object.fromEntries(kinds) }));
    this.#kept = { url, flowToken: rest.flowToken };
    this.#line = new Line(url, fetch, called, settings);
  }

  async post(message, options) {
    const { signal, attachments, ...rest } = own(options);
    const files = filesOf(attachments);
    if (files) rest.attachments = files.map(([id]) => id).join(" ");
    const request = call("request", message, rest, this.#kept, random());
    const end = request.indexOf("\n");
    const body = request.slice(end + 1);
    return post(this.#line, JSON.parse(request.slice(0, end)), files ? formOf(JSON.parse(body), files) : body, signal);
  }

  postAll(messages, options) {
    const post = (message, options) => this.post(message, options);
    return postAll(post, this.#line.settings[1], messages, own(options));
  }
}

/** Random numbers for the next uuids; to ask for four at a time costs more than all the rest of a uuid. */
const pool = /* @__PURE__ */ new Uint32Array(256);
let left = 0;

/** Sixteen random bytes, as four numbers. */
function random() {
  if (left === 0) left = crypto.getRandomValues(pool).length;
  return [pool[--left], pool[--left], pool[--left], pool[--left]];
}
