// A proxy in front of the inbox that injects faults of networks, proxies and servers into posts: by a script, or at random by a seed.
//
// A fault happens *before* the inbox gets the message, or *after* the inbox has stored it, so that only the answer is lost.

import { once } from "node:events";
import { Agent, createServer, request as send } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const GARBAGE = "\0\xff<html>\r\n\r\n{{{";

/**
 * Resets a connection. Where its end is under way already, Node 20 cannot do that: it reports EINVAL, and the process never exits, because it
 * waits in a loop for this handle to close. Such a connection is only destroyed.
 */
export function reset(socket) {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Makes a fault in which the proxy answers and does not forward the request. */
const answer =
  (status, headers = {}, body = '{ "message": "by the proxy" }') =>
  ({ response }) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  };

/** The faults. Each is called with the exchange: `forward()` returns the inbox's answer, `response` and `socket` lead to the client. */
export const faults = {
  500: answer(500),
  "502 after": async (exchange) => {
    await exchange.forward();
    answer(502)(exchange);
  },
  503: answer(503),
  "503 with Retry-After": answer(503, { "retry-after": "0" }),
  "504 after": async (exchange) => {
    await exchange.forward();
    answer(504)(exchange);
  },
  408: answer(408),
  425: answer(425),
  429: answer(429),
  // Retry-After in seconds and as a date. Both are over at once, so that a storm does not wait.
  "429 with Retry-After": answer(429, { "retry-after": "0" }),
  "429 with a date": answer(429, { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }),
  "garbage in place of HTTP": ({ socket }) => socket.end(GARBAGE),
  "garbage in place of HTTP after": async ({ forward, socket }) => {
    await forward();
    socket.end(GARBAGE);
  },
  "garbage body": async (exchange) => {
    const { status } = await exchange.forward();
    answer(status, {}, GARBAGE)(exchange);
  },
  "garbage body of a 500": answer(500, {}, GARBAGE),
  "truncated body": async ({ forward, response, socket }) => {
    const { status } = await forward();
    response.writeHead(status, { "content-length": "100" }).write('{ "id": 1');
    await sleep(1);
    socket.destroy();
  },
  "slow body": async ({ forward, response }) => {
    const { status, body } = await forward();
    response.writeHead(status);
    for (const character of body) {
      response.write(character);
      await sleep(1);
    }
    response.end();
  },
  "body that never ends": async ({ forward, response }) => {
    const { status } = await forward();
    response.writeHead(status).write("{");
  },
  "reset before": ({ socket }) => reset(socket),
  "reset after": async ({ forward, socket }) => {
    await forward();
    reset(socket);
  },
  "hang before": () => {},
  "hang after": async ({ forward }) => {
    await forward();
  },
  400: answer(400, {}, '{ "message": "Validation error", "errors": { "content": ["is not to the proxy\'s taste"] } }'),
  redirect: ({ response, elsewhere }) => {
    response.writeHead(307, { location: elsewhere }).end();
  },
  // Never chosen at random, because it ends a source for good.
  410: answer(410),
};

/**
 * How often each fault is chosen at random. Faults that take the client's whole time limit, or that end a message, are rarer.
 *
 * @type {[name: string, weight: number][]}
 */
const weights = Object.entries(faults).map(([name]) => {
  if (name === "410") return [name, 0];
  return [name, /hang|never/.test(name) ? 1 : /^400|redirect/.test(name) ? 1 : 6];
});

/** Makes a generator of numbers from 0 to below 1. Equal seeds give equal numbers (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Starts the proxy.
 *
 * @param target The inbox's URL.
 * @param {{ script?: string[], seed?: number, rate?: number, keepAlive?: boolean, without?: RegExp }} options `script` names the faults of
 *   the first posts, `""` for none. Later posts get faults at the rate `rate`, chosen by `seed` from all but those that `without` names.
 *   `state` can change `script` and `rate` later.
 */
export async function startFaultProxy(target, options = {}) {
  const state = { script: [], seed: 1, rate: 0, keepAlive: true, down: false, without: /^$/, ...options };
  const kinds = weights.filter(([name]) => !state.without.test(name));
  const whole = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const next = random(state.seed);
  const agent = new Agent({ keepAlive: true });
  /** How often each fault happened. */
  const counts = {};
  /** How many posts came to the proxy, and how many requests came to the target of the redirect. */
  const seen = { posts: 0, elsewhere: 0 };
  /** Called when a post comes. @type {Set<() => void>} */
  const watchers = new Set();

  const other = createServer((_request, response) => {
    seen.elsewhere += 1;
    response.writeHead(202).end("{}");
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  const elsewhere = `http://127.0.0.1:${other.address().port}/messages`;

  function choose() {
    if (state.script.length > 0) return state.script.shift();
    if (next() >= state.rate) return "";
    let left = next() * whole;
    return kinds.find(([, weight]) => {
      left -= weight;
      return left < 0;
    })[0];
  }

  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const { socket } = request;
    if (!state.keepAlive) response.setHeader("connection", "close");
    const forward = () =>
      new Promise((resolve, reject) => {
        const { method, url } = request;
        // The answer is read as text here, so the server must not compress it.
        const headers = { ...request.headers, "accept-encoding": "identity" };
        const onward = send(target + url, { method, headers, agent }, async (answered) => {
          let body = "";
          for await (const chunk of answered.setEncoding("utf8")) body += chunk;
          resolve({ status: answered.statusCode, headers: answered.headers, body });
        });
        onward.on("error", reject).end(Buffer.concat(chunks));
      });
    if (request.headers.origin) response.setHeader("access-control-allow-origin", request.headers.origin);
    let fault = "";
    if (request.method === "POST") {
      seen.posts += 1;
      for (const watch of watchers) watch();
      fault = state.down ? "reset before" : choose();
      if (fault) counts[fault] = (counts[fault] ?? 0) + 1;
    }
    if (fault) return faults[fault]({ forward, response, socket, elsewhere });
    const { status, headers, body } = await forward();
    delete headers["content-length"];
    if (!state.keepAlive) headers.connection = "close";
    return response.writeHead(status, headers).end(body);
  }).listen(0, "127.0.0.1");
  server.keepAliveTimeout = 60_000;
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    counts,
    seen,
    /** Resolves when this many further posts have come. */
    posts(count) {
      const end = seen.posts + count;
      return new Promise((resolve) => {
        const watch = () => {
          if (seen.posts < end) return;
          watchers.delete(watch);
          resolve(undefined);
        };
        watchers.add(watch);
      });
    },
    async stop() {
      agent.destroy();
      for (const each of [server, other]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };
}
