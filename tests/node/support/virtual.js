// A virtual clock for the tests of posting, and servers that answer when the test wants. No test waits in real time.

import { afterEach, beforeEach, mock } from "node:test";
import { Client, chatMessage } from "flowdock-integration";

export const canary = "29991canary29991canary";
/** Friday, 20 November 2026, 12:00:00 GMT. */
export const noon = Date.UTC(2026, 10, 20, 12);

/** Installs the virtual clock for each test of a file. */
export function onVirtualClock() {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: noon });
    mock.method(performance, "now", () => Date.now() - noon);
    // With this random number each wait is the longest possible.
    mock.method(Math, "random", () => 1 - 2 ** -32);
  });

  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });
}

/** Waits until all work is done that does not wait for a timer. */
export async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Advances the clock by `ms`, and waits until the work that follows is done. */
export async function after(ms) {
  await settle();
  mock.timers.tick(ms);
  await settle();
}

export const message = (thread, content = "x") => chatMessage({ content, external_thread_id: thread });
export const answer = (status, headers) => new Response("{}", { status, headers });

/** Makes a client whose requests wait in `requests` until the test answers them. */
export function server(options) {
  const requests = [];
  const fetch = (_url, init) =>
    new Promise((resolve, reject) => {
      const { content, uuid, external_thread_id: thread } = JSON.parse(init.body);
      requests.push({ content, uuid, thread, at: performance.now(), signal: init.signal, resolve, reject });
    });
  const client = new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch, ...options });
  return { client, requests, at: () => requests.map(({ at }) => at) };
}

/** Observes a promise, and returns an object that later has its value or its error. */
export const outcome = (promise) => {
  const seen = { settled: false };
  promise.then(
    (value) => Object.assign(seen, { settled: true, value }),
    (error) => Object.assign(seen, { settled: true, error, code: error.code }),
  );
  return seen;
};

/** Makes a client whose requests a script answers at once. */
export function scripted(script, options) {
  const at = [];
  const fetch = (_url, init) => {
    at.push(performance.now());
    return script(at.length, init);
  };
  return { client: new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch, ...options }), at };
}
