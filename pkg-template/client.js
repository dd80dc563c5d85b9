// Posts messages into the flow of one source.

import { call } from "./call.js";
import * as core from "./core.js";
import { Line } from "./line.js";
import { own, withFetch } from "./own.js";
import { postAll } from "./post-all.js";
import { post } from "./post.js";

export class Client {
  // Private fields, so that logging a client shows no token.
  #options;
  #line;

  constructor(options) {
    const { fetch, rest: { hooks, ...rest } } = withFetch(options);
    const called = own(hooks ?? undefined);
    const kinds = Object.entries(called).map(([name, hook]) => [name, hook === undefined ? hook : typeof hook]);
    const settings = JSON.parse(call(core.checkClient, { ...rest, hooks: Object.fromEntries(kinds) }));
    const { baseUrl, flowToken, allowHttp } = rest;
    this.#options = { baseUrl, flowToken, allowHttp };
    this.#line = new Line(fetch, called, settings);
  }

  async post(message, options) {
    const { signal, ...rest } = own(options);
    return post(this.#line, JSON.parse(call(core.request, message, rest, this.#options, random())), signal);
  }

  postAll(messages, options) {
    const post = (message, options) => this.post(message, options);
    return postAll(post, this.#line.settings[1], messages, own(options));
  }
}

/** Random numbers for the next uuids; to ask for four at a time costs more than all the rest of a uuid. */
const pool = new Uint32Array(256);
let left = 0;

/** Sixteen random bytes, as four numbers. */
function random() {
  if (left === 0) left = crypto.getRandomValues(pool).length;
  left -= 4;
  return Array.from(pool.subarray(left, left + 4));
}
