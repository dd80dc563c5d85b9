// Which answers are a success, and the codes, messages and causes of errors.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { activity, Client, chatMessage, FlowdockApi, FlowdockError, OAuth } from "flowdock-integration";
import { JSDOM } from "jsdom";
import { FormData as ForeignFormData, fetch as foreignFetch } from "undici";
import { cert, key } from "./support/certificate.js";

const canary = "29991canary29991canary";
const note = chatMessage({ content: "Great Scott!", external_thread_id: "1" });
const servers = [];

after(() => {
  for (const server of servers) server.close();
});

/** Starts a server and returns its URL. */
async function listening(server, scheme = "http") {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `${scheme}://127.0.0.1:${server.address().port}`;
}

/** Makes a client that retries almost at once, and records its requests. */
function counting(fetch, options) {
  const calls = [];
  const counted = (...request) => {
    calls.push(request);
    return fetch(...request);
  };
  const retry = { maxAttempts: 3, baseMs: 1 };
  return {
    calls,
    client: new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch: counted, retry, ...options }),
  };
}

const failure = (promise) =>
  promise.then(
    () => assert.fail("it did not reject"),
    (error) => error,
  );

test("a 2xx whose body is not a JSON object is a `bad_response`, and the request is not repeated", async () => {
  const html = { "content-type": "text/html" };
  for (const status of [200, 201, 202]) {
    for (const body of ["<title>Sign in</title>", "OK", "[]", '[{"id":7}]', "7", "null", "true", '"{}"', '{"id":']) {
      const { client, calls } = counting(() => new Response(body, { status, headers: html }));
      const error = await failure(client.post(note));
      const { code, maybeDuplicate, retryable } = error;
      assert.deepEqual(
        [code, error.status, maybeDuplicate, retryable, calls.length],
        ["bad_response", status, true, false, 1],
        body,
      );
    }
    for (const body of ["{}", "", " \n\t", '{"ok":true}', '{"id":null}']) {
      const { client } = counting(() => new Response(body, { status, headers: html }));
      assert.equal((await client.post(note)).kind, "accepted", `${status} ${body}`);
    }
  }
});

test("204 without a body is a success, 304 is a `bad_response`", async () => {
  assert.equal((await counting(() => new Response(null, { status: 204 })).client.post(note)).kind, "accepted");
  const { client, calls } = counting(() => new Response(null, { status: 304 }));
  const error = await failure(client.post(note));
  assert.deepEqual([error.code, error.status, calls.length], ["bad_response", 304, 1]);
});

test("a `baseUrl` with a port that fetch refuses is an invalid option", async () => {
  const open = [1024, 2, 80, 443, 4400, 10081, 65535];
  const classes = [
    (baseUrl, fetch) => new Client({ baseUrl, flowToken: canary, fetch }),
    (baseUrl, fetch) => new OAuth({ baseUrl, clientId: "a", redirectUri: "https://app.example/", fetch }),
    (baseUrl, fetch) => new FlowdockApi({ baseUrl, accessToken: canary, fetch }),
  ];
  for (const make of classes) {
    for (const port of [1, 22, 2049, 6000, 6667, 10080]) {
      assert.throws(
        () => make(`http://127.0.0.1:${port}`, () => assert.fail("it was sent")),
        ({ code, message }) => {
          assert.deepEqual(
            [code, message],
            ["invalid_option", "`baseUrl` has a bad port, which browsers and `fetch` refuse"],
          );
          return true;
        },
      );
    }
    for (const port of open) make(`http://127.0.0.1:${port}`);
  }
});

test("the refused ports are those that Node's fetch refuses", async () => {
  // fetch checks the port before it asks its dispatcher for a connection. This dispatcher makes no connection.
  for (let port = 1; port <= 10_100; port += 1) {
    const init = { dispatcher: { dispatch: () => assert.fail("dispatched") } };
    const bad = await fetch(`http://127.0.0.1:${port}`, /** @type {any} */ (init)).catch(({ cause }) => cause);
    let refused = false;
    try {
      new Client({ baseUrl: `http://127.0.0.1:${port}`, flowToken: "x" });
    } catch {
      refused = true;
    }
    assert.equal(refused, bad.message === "bad port", `${port}`);
  }
});

test("a certificate that is not trusted fails at once, and the error names the reason", async () => {
  const baseUrl = await listening(
    createSecureServer({ cert, key }, () => assert.fail("it was sent")),
    "https",
  );
  let attempts = 0;
  const client = new Client({ baseUrl, flowToken: canary, hooks: { onAttempt: () => (attempts += 1) } });
  const error = await failure(client.post(note));
  assert.deepEqual([error.code, error.retryable, error.maybeDuplicate, attempts], ["network", false, false, 1]);
  assert.equal(error.cause.cause.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
  assert.match(error.message, /\(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
  const oauth = new OAuth({ baseUrl, clientId: "a", redirectUri: "https://app.example/" });
  const refused = await failure(oauth.exchangeCode({ code: "c" }));
  assert.deepEqual([refused.code, refused.cause.cause.code], ["network", "DEPTH_ZERO_SELF_SIGNED_CERT"]);
});

test("a request that the runtime does not permit fails at once, and the error names the reason", async () => {
  // Deno throws this error without --allow-net.
  class NotCapable extends Error {
    name = "NotCapable";
  }
  const reason = new NotCapable('Requires net access to "127.0.0.1:2", run again with the --allow-net flag');
  const { client, calls } = counting(() => Promise.reject(reason));
  const error = await failure(client.post(note));
  assert.deepEqual([error.code, error.maybeDuplicate, calls.length, error.cause], ["network", false, 1, reason]);
  assert.match(error.message, /\(NotCapable\)$/);
});

test("a network error without a known name is tried again, and becomes the cause", async () => {
  const reason = new TypeError("Failed to fetch");
  const { client, calls } = counting(() => Promise.reject(reason));
  const error = await failure(client.post(note));
  assert.deepEqual([error.code, error.maybeDuplicate, calls.length, error.cause], ["network", true, 3, reason]);
  assert.match(error.message, /\(no reason given\)$/);
  assert.ok(!("cause" in JSON.parse(JSON.stringify(error))));
  assert.ok(!Object.keys(error).includes("cause"));
});

test("an exception in which the token can be seen does not become the cause", async () => {
  // This server does not speak HTTP: it echoes the request, and the error of Node's parser contains these bytes.
  const echo = createServer();
  echo.on("connection", (socket) => socket.on("data", (data) => socket.end(data)));
  const baseUrl = await listening(echo);
  const deep = new Error("x", { cause: { list: [{ body: `flow_token=${canary}` }] } });
  const named = Object.assign(new Error("x"), { [canary]: 1 });
  const getter = Object.defineProperty(new Error("x"), "request", { get: () => canary, enumerable: true });
  for (const thrown of [
    canary,
    new Error(canary),
    deep,
    named,
    getter,
    new AggregateError([deep]),
    new DOMException(canary),
    new Map([["body", canary]]),
    Object.assign(new Error("x"), { data: new TextEncoder().encode(canary) }),
    { buffer: new TextEncoder().encode(canary).buffer },
    new Request("http://127.0.0.1:2", { headers: { authorization: canary } }),
    () => canary,
    {
      get body() {
        throw canary;
      },
    },
  ]) {
    const error = await failure(counting(() => Promise.reject(thrown)).client.post(note));
    assert.deepEqual([error.code, error.cause], ["network", undefined], inspect(thrown));
    const aborted = await failure(
      counting(() => assert.fail()).client.post(note, { signal: AbortSignal.abort(thrown) }),
    );
    assert.deepEqual([aborted.code, aborted.cause], ["aborted", undefined], inspect(thrown));
  }
  const error = await failure(new Client({ baseUrl, flowToken: canary, retry: false }).post(note));
  assert.equal(error.code, "network");
  assert.ok(!inspect(error, { depth: 20, showHidden: true }).includes(canary));
});

test("the reason of the caller's signal becomes the cause", async () => {
  const reason = new Error("x");
  const never = () => new Promise(() => {});
  const { client } = counting(never);
  const controller = new AbortController();
  const post = failure(client.post(note, { signal: controller.signal }));
  const rest = client.postAll([note, note], { signal: controller.signal });
  const waiting = rest.next();
  controller.abort(reason);
  const settled = [await waiting];
  for await (const result of rest) settled.push({ value: result });
  for (const error of [await post, ...settled.map(({ value }) => value.reason)]) {
    assert.deepEqual([error.code, error.cause], ["aborted", reason]);
  }
  const before = await failure(client.post(note, { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([before.code, before.cause], ["aborted", reason]);
  // The timer of AbortSignal.timeout does not keep the process alive.
  const alive = setInterval(() => {}, 1_000);
  const late = await failure(client.post(note, { signal: AbortSignal.timeout(60) }));
  clearInterval(alive);
  assert.deepEqual([late.code, late.cause.name], ["aborted", "TimeoutError"]);
  const api = new FlowdockApi({ baseUrl: "http://127.0.0.1:2", accessToken: canary, fetch: never });
  const given = await failure(api.findFlow("1", { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([given.code, given.cause], ["aborted", reason]);
});

test("the error's message has the server's reason, without the token", async () => {
  for (const [body, said] of [
    ['{"error":"no such tag"}', ": no such tag"],
    ['{"error_description":"no"}', ": no"],
    ['{"detail":"no"}', ": no"],
    ['{"title":"no"}', ": no"],
    ['["no","never"]', ": no, never"],
    ["no\n", ": no"],
    ["é".repeat(300), `: ${"é".repeat(200)}…`],
    ['{"message":"no","error":"Bad Request"}', ": no"],
    [`{"error":"${canary} is unknown"}`, ": … is unknown"],
    [`["${canary}"]`, ": …"],
    [`${"x".repeat(190)} ${canary}`, `: ${"x".repeat(190)} …`],
    ["<html>no</html>", ""],
    ["", ""],
  ]) {
    const error = await failure(counting(() => new Response(body, { status: 400 })).client.post(note));
    assert.equal(error.message, `the server refused it (400)${said}`);
    const api = new FlowdockApi({
      baseUrl: "http://127.0.0.1:2",
      accessToken: canary,
      fetch: () => new Response(body, { status: 400 }),
    });
    assert.equal((await failure(api.findFlow("1"))).message, `the server refused it (400)${said}`);
  }
});

test("a short token is removed from the reason only as a whole word", async () => {
  const body = { message: "Validation error", errors: { content: ["can't be blank", "not t"] } };
  const { client } = counting(() => Response.json(body, { status: 400 }), { flowToken: "t" });
  const error = await failure(client.post(note));
  assert.equal(error.message, "the server refused it (400): Validation error; content can't be blank, not …");
  const reason = new TypeError("fetch failed");
  assert.equal(
    (await failure(counting(() => Promise.reject(reason), { flowToken: "t" }).client.post(note))).cause,
    reason,
  );
});

test("attachments with a fetch that does not know the global FormData are refused, and nothing is sent", async () => {
  let requests = 0;
  const baseUrl = await listening(
    createServer((_request, response) => {
      requests += 1;
      response.writeHead(202).end();
    }),
  );
  const picture = activity({ author: "Doc", title: "x", external_thread_id: "1", thread: { title: "x" } });
  assert.notEqual(ForeignFormData, FormData);
  const client = new Client({ baseUrl, flowToken: canary, fetch: foreignFetch });
  const error = await failure(client.post(picture, { attachments: [new Blob(["x"])] }));
  assert.ok(error instanceof FlowdockError);
  assert.deepEqual(
    [error.code, error.message],
    ["invalid_option", "`attachments` need a `fetch` that takes the global `FormData`"],
  );
  assert.equal(requests, 0);
  assert.equal((await client.post(picture)).kind, "accepted");
});

test("the CommonJS file works in jsdom as Jest makes it, with Buffer and without TextEncoder", async () => {
  const { window } = new JSDOM("", { runScripts: "outside-only", url: "http://localhost/" });
  // Jest adds Node's Buffer to jsdom, but none of the web APIs of Node that jsdom lacks.
  window.Buffer = Buffer;
  for (const name of ["TextEncoder", "TextDecoder", "fetch"]) {
    delete window[name];
    assert.equal(window[name], undefined);
  }
  const source = readFileSync(new URL("../../node_modules/flowdock-integration/index.cjs", import.meta.url), "utf8");
  /** @type {any} */
  const module = { exports: {} };
  const run = /** @type {any} */ (window.eval(`(function (module, exports) { ${source}\n})`));
  run(module, module.exports);
  const { escapeHtml, validate, Client: Inside, chatMessage: build } = module.exports;
  assert.equal(escapeHtml("<é 🎉>"), "&lt;é 🎉&gt;");
  assert.equal(validate({}).valid, false);
  let sent;
  const fetch = async (_url, init) => {
    sent = JSON.parse(init.body);
    return { status: 202, text: async () => "{}" };
  };
  const client = new Inside({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch });
  assert.equal((await client.post(build({ content: "né 🎉", external_thread_id: "1" }))).kind, "accepted");
  assert.deepEqual([sent.content, sent.flow_token], ["né 🎉", canary]);
});
