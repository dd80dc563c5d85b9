// Runs the scenarios of tests/fixtures/delivery.json with both clients: the JavaScript client, and the Rust client with `fetch`
// (`examples/fetch.rs`).

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mock, test } from "node:test";
import { Client } from "flowdock-integration";
import { read } from "./support/cases.js";
import { canary, message, noon, onVirtualClock, settle } from "./support/virtual.js";

const { Poster } = createRequire(import.meta.url)(process.env.FLOWDOCK_FETCH);
const { rows } = read("delivery.json");
const USUAL = { timeoutMs: 60_000, concurrency: 4, maxAttempts: 6, maxElapsedMs: 120_000, baseMs: 500 };
const baseUrl = "http://127.0.0.1:2";

/** Makes each client. The result is a function that posts a message, until its signal aborts. */
const clients = {
  JavaScript({ timeoutMs, concurrency, ...retry }) {
    const client = new Client({ baseUrl, flowToken: canary, timeoutMs, concurrency, retry });
    return (content, thread, uuid, signal) => client.post({ ...message(thread, content), uuid }, { signal });
  },
  Rust({ timeoutMs, concurrency, maxAttempts, maxElapsedMs, baseMs }) {
    const poster = new Poster(baseUrl, canary, timeoutMs);
    poster.set(concurrency, maxAttempts, maxElapsedMs, baseMs);
    return (content, thread, uuid, signal) => poster.post(content, thread, uuid, signal);
  },
};

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the result of `fetch` for an answer of the table. */
async function answered(answer, signal) {
  if (answer.afterMs) await later(answer.afterMs);
  if (answer.barred) {
    const event = Object.assign(new Event("securitypolicyviolation"), { blockedURI: baseUrl });
    // Dispatched after the microtasks of the rejection, as in a browser.
    process.nextTick(() => document.dispatchEvent(event));
  }
  if (answer.fails !== undefined) throw new TypeError("fetch failed", { cause: { code: answer.fails } });
  const { status, type, body = "{}" } = answer;
  if (answer.plain) return { status, type, text: status === undefined ? undefined : async () => body };
  const headers = new Headers();
  if (answer.retryAfter !== undefined) headers.set("retry-after", answer.retryAfter);
  if (answer.deduplicates !== undefined) headers.set("flowdock-deduplicates", answer.deduplicates);
  const stream = new ReadableStream({
    async start(controller) {
      signal.addEventListener("abort", () => controller.error(signal.reason));
      if (answer.bodyNever) return;
      if (answer.bodyBreaks) return controller.error("broken");
      if (answer.bodyAfterMs) await later(answer.bodyAfterMs);
      controller.enqueue(new TextEncoder().encode(body));
      controller.close();
    },
  });
  return new Response(stream, { status, headers });
}

/** Makes a `fetch` function that gives the answers of one row, and records its requests. */
function serverOf({ answers }) {
  const requests = [];
  const fetch = (url, init) => {
    const request = { at: performance.now(), cancelledAt: null };
    const answer = answers[Math.min(requests.push(request), answers.length) - 1];
    const { signal } = init ?? url;
    const body = init ? Promise.resolve(init.body) : url.text();
    body.then((text) => Object.assign(request, JSON.parse(text)));
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        request.cancelledAt = performance.now();
        reject(signal.reason);
      });
      if (!answer.never) answered(answer, signal).then(resolve, reject);
    });
  };
  return { fetch, requests };
}

/** Lists the moments at which the row expects an event, and the millisecond before each. */
function momentsOf({ options, posts, answers, requests, results }) {
  const moments = [0];
  const expect = (...times) => {
    for (const at of times) if (at !== undefined) moments.push(at, Math.max(at - 1, 0));
  };
  for (const { at, abortAt } of posts) expect(at, abortAt);
  for (const [, at] of requests) {
    expect(at, at + (options?.timeoutMs ?? USUAL.timeoutMs));
    for (const { afterMs = 0, bodyAfterMs = 0 } of answers) expect(at + afterMs, at + afterMs + bodyAfterMs);
  }
  for (const { at } of results) expect(at);
  return [...new Set(moments)].sort((a, b) => a - b);
}

onVirtualClock();

for (const [language, clientOf] of Object.entries(clients)) {
  for (const row of rows) {
    test(`${language}: ${row.name}`, async (t) => {
      const { fetch, requests } = serverOf(row);
      t.mock.method(globalThis, "fetch", fetch);
      if (row.answers.some(({ barred }) => barred)) {
        globalThis.document = /** @type {any} */ (new EventTarget());
        t.after(() => delete globalThis.document);
      }
      const post = clientOf({ ...USUAL, ...row.options });
      const uuids = row.posts.map((_, index) => `00000000-0000-4000-8000-00000000000${index}`);
      const settled = row.posts.map(() => undefined);
      const controllers = row.posts.map(() => new AbortController());
      const moments = momentsOf(row);
      for (const moment of [...moments, moments.at(-1) + 400_000]) {
        mock.timers.tick(noon + moment - Date.now());
        row.posts.forEach(({ abortAt }, index) => {
          if (abortAt === moment) controllers[index].abort();
        });
        row.posts.forEach(({ content, thread = "1", at = 0 }, index) => {
          if (at !== moment) return;
          post(content, thread, uuids[index], controllers[index].signal).then(
            (result) => (settled[index] = { at: performance.now(), ...result }),
            ({ ...error }) => (settled[index] = { at: performance.now(), ...error }),
          );
        });
        await settle();
      }
      const sent = requests.map(({ content, at }) => [content, at]);
      const order = (list) => (row.anyOrder ? list.toSorted((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)) : list);
      assert.deepEqual(order(sent), order(row.requests));
      for (const { content, uuid } of requests) {
        assert.equal(uuid, uuids[row.posts.findIndex((post) => post.content === content)]);
      }
      if (row.cancelled)
        assert.deepEqual(
          requests.map(({ cancelledAt }) => cancelledAt),
          row.cancelled,
        );
      row.results.forEach((expected, index) => {
        const got = Object.fromEntries(Object.keys(expected).map((key) => [key, settled[index]?.[key] ?? null]));
        assert.deepEqual(got, expected, row.posts[index].content);
        if (settled[index].kind) assert.equal(settled[index].uuid, uuids[index]);
      });
      assert.ok(!JSON.stringify(settled).includes(canary));
    });
  }
}
