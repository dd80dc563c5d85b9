// The client with the real inbox over HTTP, and with `fetch` functions that misbehave.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { inspect, promisify } from "node:util";
import { activity, Client, chatMessage, FlowdockError } from "flowdock-integration";
import { read } from "./support/cases.js";
import { startInbox } from "./support/inbox.js";

const canary = "29991canary29991canary";
const leak = new Error(`cannot POST http://127.0.0.1:2/?token=${canary}`, {
  cause: { code: "ECONNRESET", url: canary },
});
const note = { content: "Great Scott!", external_thread_id: "1234567" };
let inbox;
let client;

before(async () => {
  inbox = await startInbox();
  client = new Client({ baseUrl: inbox.url, flowToken: inbox.flow_token });
});

after(() => inbox.stop());

// After each test, whatever it did, the WebAssembly instance must still work.
afterEach(async () => {
  assert.equal((await clientWith(() => new Response("{}", { status: 202 })).post(chatMessage(note))).kind, "accepted");
});

/** Returns the error with which a promise rejects, and checks that the error does not show the token. */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof FlowdockError, inspect(error));
    const shown = [
      String(error),
      error.stack,
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
    ].join("\n");
    assert.ok(!shown.includes(canary), shown);
    return error;
  }
  assert.fail("it did not reject");
}

/** Makes a client with its own `fetch`, without retries, and with a token that no output may contain. */
function clientWith(fetch, options) {
  return new Client({ baseUrl: "http://127.0.0.1:2", flowToken: canary, fetch, retry: false, ...options });
}

test("the guide's example reaches the inbox and becomes the state of its thread", async () => {
  const { flow_token: _, ...message } = read("guide/flux-capacitor.json");
  const result = await client.post(message);
  assert.notEqual((await client.post(message)).uuid, result.uuid);
  assert.match(result.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(result, { kind: "accepted", uuid: result.uuid, attempts: 1, maybeDuplicate: false });
  const stored = (await inbox.get("/messages")).find(({ uuid }) => uuid === result.uuid);
  assert.equal(stored.title, message.title);
  assert.equal(stored.author.name, "Marty");
  const thread = await inbox.get(`/threads/${stored.thread_id}`);
  assert.equal(thread.title, "Polish the flux capacitor");
  assert.deepEqual(thread.status, { value: "open", color: "green" });
  assert.deepEqual(thread.fields, [{ label: "Dustiness", value: "5 - severe" }]);
  assert.equal(JSON.stringify(stored).includes(inbox.flow_token), false);
});

test("two posts with one external_thread_id make one thread with the newest state", async () => {
  const parts = (title, status) => ({
    author: "Marty",
    title,
    external_thread_id: "twice",
    thread: { title: "Buy plutonium", status },
  });
  await client.post(activity(parts("opened", ["open", "green"])));
  await client.post(activity(parts("closed", ["closed", "grey"])));
  const threads = (await inbox.get("/threads")).filter(({ title }) => title === "Buy plutonium");
  assert.equal(threads.length, 1);
  assert.deepEqual(threads[0].status, { value: "closed", color: "grey" });
  assert.equal(threads[0].activities, 2);
  const messages = (await inbox.get("/messages")).filter(({ thread_id }) => thread_id === threads[0].id);
  assert.deepEqual(
    messages.map(({ title }) => title),
    ["opened", "closed"],
  );
});

test("with `waitForMessage` the result has the stored message", async () => {
  const result = await client.post(chatMessage({ ...note, uuid: "my own" }), { waitForMessage: true });
  assert.equal(result.kind, "created");
  assert.equal(result.uuid, "my own");
  assert.equal(result.message.content, note.content);
  assert.equal(typeof result.message.id, "number");
  assert.equal(result.message.flow_token, undefined);
});

test("a message that breaks a rule is not sent", async () => {
  const silent = clientWith(() => assert.fail("it was sent"));
  const error = await failure(silent.post({ event: "message", content: " " }));
  assert.equal(error.code, "invalid_message");
  assert.deepEqual(
    error.violations.map(({ path }) => path),
    ["/content", ""],
  );
});

test("a message may leave out a thread that the inbox already has", async () => {
  const message = { event: "activity", title: "dusted", author: { name: "Marty" }, external_thread_id: "1234567" };
  assert.equal((await failure(client.post(message))).code, "invalid_message");
  assert.equal((await client.post(message, { thread: "optional" })).kind, "accepted");
});

test("an unknown token gives `not_found`, and the error does not show it", async () => {
  const unknown = new Client({ baseUrl: inbox.url, flowToken: canary });
  const error = await failure(unknown.post(chatMessage(note)));
  assert.deepEqual([error.code, error.status, error.retryable], ["not_found", 404, false]);
  assert.match(error.message, /flow token/);
});

test("the error for a refused message has the inbox's errors for each field", async () => {
  const message = {
    event: "activity",
    title: "x",
    author: { name: "Marty" },
    external_thread_id: "nobody made this one",
  };
  const error = await failure(client.post(message, { thread: "optional" }));
  assert.deepEqual([error.code, error.status], ["rejected", 400]);
  assert.deepEqual(error.fieldErrors, { thread: ["can't be blank"] });
});

test("a port on which no server listens gives a `network` error", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  const lost = new Client({ baseUrl: `http://127.0.0.1:${port}`, flowToken: canary, retry: false });
  const error = await failure(lost.post(chatMessage(note)));
  assert.deepEqual([error.code, error.retryable, error.maybeDuplicate], ["network", true, false]);
  assert.match(error.message, /ECONNREFUSED/);
});

test("a redirect is refused and not followed", async () => {
  let followed = false;
  const server = createServer((request, response) => {
    if (request.url === "/elsewhere") followed = true;
    response.writeHead(307, { location: "/elsewhere" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const redirected = new Client({ baseUrl: `http://127.0.0.1:${server.address().port}`, flowToken: canary });
  const error = await failure(redirected.post(chatMessage(note)));
  await new Promise((done) => server.close(done));
  assert.deepEqual([error.code, error.retryable, followed], ["redirect_refused", false, false]);
});

test("a caller's own fetch is called as a plain function with the whole request", async () => {
  let seen;
  const own = clientWith(function (url, init) {
    seen = { self: this, request: new Request(url, init), init, body: JSON.parse(init.body) };
    return new Response("{}", { status: 202 });
  });
  assert.equal((await own.post(chatMessage(note))).kind, "accepted");
  assert.equal(seen.self, undefined);
  assert.equal(seen.request.method, "POST");
  assert.equal(seen.request.url, "http://127.0.0.1:2/messages");
  assert.equal(seen.request.redirect, "manual");
  assert.equal(seen.request.headers.get("content-type"), "application/json");
  assert.equal(seen.body.flow_token, canary);
  assert.equal(seen.body.content, note.content);
  assert.equal(seen.init.signal.aborted, false, "a success is not cancelled");
});

test("a fetch that throws or gives no valid answer leads to the right error", async () => {
  for (const [name, fetch, code] of /** @type {any[][]} */ ([
    [
      "throws",
      () => {
        throw leak;
      },
      "network",
    ],
    ["rejects", () => Promise.reject(leak), "network"],
    ["rejects with a string", () => Promise.reject(canary), "network"],
    ["rejects with nothing", () => Promise.reject(), "network"],
    ["answers with nothing", () => {}, "bad_response"],
    ["answers with a string", () => canary, "bad_response"],
    ["answers with an object", () => ({ status: "200" }), "bad_response"],
    ["answers with a status of no meaning", () => new Response("", { status: 299 }), "bad_response"],
    ["answers with a status that is no number", () => ({ status: "200", text: () => "" }), "bad_response"],
    ["answers with a status that is no whole number", () => ({ status: 200.5, text: () => "" }), "bad_response"],
    [
      "answers with a header that throws",
      () => ({
        status: 503,
        headers: {
          get() {
            throw leak;
          },
        },
        text: () => "",
      }),
      "bad_response",
    ],
    [
      "answers with a header that is no text",
      () => ({ status: 503, headers: { get: () => leak }, text: () => "" }),
      "server",
    ],
  ])) {
    const error = await failure(clientWith(fetch).post(chatMessage(note)));
    assert.equal(error.code, code, name);
  }
});

test("the status counts even if the body cannot be read", async () => {
  const broken = (status) => [
    () =>
      new Response(
        new ReadableStream({
          pull() {
            throw leak;
          },
        }),
        { status },
      ),
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.error(canary);
          },
        }),
        { status },
      ),
    () => ({
      status,
      text() {
        throw leak;
      },
    }),
    () => ({ status, text: () => Promise.reject(canary) }),
    () => ({
      status,
      text: () => ({
        toString() {
          throw leak;
        },
      }),
    }),
  ];
  for (const fetch of broken(202)) assert.equal((await clientWith(fetch).post(chatMessage(note))).kind, "accepted");
  for (const fetch of broken(410))
    assert.equal((await failure(clientWith(fetch).post(chatMessage(note)))).code, "source_removed");
});

test("a Response whose properties throw or have odd values is handled", async () => {
  let looks = 0;
  for (const [name, answer, code] of /** @type {any[][]} */ ([
    ["a text that is no promise", { status: 202, text: () => "{}" }, undefined],
    ["a text of nothing", { status: 202, text: () => undefined }, undefined],
    [
      "a type that throws",
      {
        get type() {
          throw leak;
        },
        status: 202,
        text: () => "{}",
      },
      "bad_response",
    ],
    [
      "a status that throws",
      {
        get status() {
          looks += 1;
          if (looks > 1) throw leak;
          return 202;
        },
        text: () => "{}",
      },
      undefined,
    ],
    [
      "a thenable that throws",
      {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        get then() {
          throw leak;
        },
      },
      "network",
    ],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          get(_, key) {
            if (key === "then") return undefined;
            throw leak;
          },
        },
      ),
      "bad_response",
    ],
  ])) {
    const post = clientWith(async () => answer).post(chatMessage(note));
    if (code) assert.equal((await failure(post)).code, code, name);
    else assert.equal((await post).kind, "accepted", name);
  }
});

test("a plain object with the properties of a Response is read", async () => {
  const answer = { status: 201, text: async () => JSON.stringify({ id: 7, event: "message" }) };
  const result = await clientWith(() => answer).post(chatMessage(note));
  assert.deepEqual([result.kind, result.message.id], ["created", 7]);
});

test("the answer of a caller's own fetch is read by its `text` method", async () => {
  const response = new Response("sealed", { status: 201 });
  response.text = async () => JSON.stringify({ id: 7 });
  assert.equal((await clientWith(() => response).post(chatMessage(note))).kind, "created");
});

test("a body that is not JSON does not hide the status", async () => {
  const error = await failure(clientWith(() => new Response("<html>", { status: 410 })).post(chatMessage(note)));
  assert.equal(error.code, "source_removed");
});

test("a body is read completely, in whatever chunks it arrives", async (t) => {
  const bytes = new TextEncoder().encode(JSON.stringify({ id: 7, content: "né €𝄞" }));
  const inPieces = (...pieces) =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
  const used = new Response(bytes, { status: 201 });
  await used.text();
  for (const [name, answer, content] of /** @type {any[][]} */ ([
    ["in one chunk", new Response(bytes, { status: 201 }), "né €𝄞"],
    [
      "byte by byte",
      new Response(inPieces(...Array.from(bytes, (byte) => Uint8Array.of(byte))), { status: 201 }),
      "né €𝄞",
    ],
    [
      "after a byte order mark in its own chunk",
      new Response(inPieces(Uint8Array.of(0xef, 0xbb, 0xbf), bytes), { status: 201 }),
      "né €𝄞",
    ],
    [
      "after a byte order mark in the same chunk",
      new Response(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes), { status: 201 }),
      "né €𝄞",
    ],
    ["a stream without bytes", new Response(inPieces(), { status: 201 })],
    ["no body", new Response(null, { status: 201 })],
    ["a stream of objects that are not bytes", new Response(inPieces({}), { status: 201 })],
    ["a body that was read already", used],
  ])) {
    t.mock.method(globalThis, "fetch", async () => answer);
    const { kind, message } = await clientWith(undefined).post(chatMessage(note));
    assert.deepEqual([kind, message?.content], content ? ["created", content] : ["accepted", undefined], name);
  }
});

test("a request without an answer ends in a `timeout`, and is aborted", async () => {
  let signal;
  const never = clientWith(
    (_url, init) => {
      signal = init.signal;
      return new Promise(() => {});
    },
    { timeoutMs: 5 },
  );
  const error = await failure(never.post(chatMessage(note)));
  assert.deepEqual([error.code, error.retryable], ["timeout", true]);
  assert.match(error.message, /5 ms/);
  assert.equal(signal.aborted, true);
});

test("a body that never ends is awaited no longer than `timeoutMs`", async () => {
  let signal;
  const slow = (status) =>
    clientWith(
      (_url, init) => {
        signal = init.signal;
        return new Response(new ReadableStream({}), { status });
      },
      { timeoutMs: 5 },
    );
  assert.equal((await slow(202).post(chatMessage(note))).kind, "accepted");
  assert.equal(signal.aborted, true);
  assert.equal((await failure(slow(503).post(chatMessage(note)))).code, "server");
});

test("the caller can give up before the request and during it", async () => {
  let calls = 0;
  const never = clientWith(() => {
    calls += 1;
    return new Promise(() => {});
  });
  const before = await failure(never.post(chatMessage(note), { signal: AbortSignal.abort(canary) }));
  assert.deepEqual([before.code, calls], ["aborted", 0]);
  const controller = new AbortController();
  const post = never.post(chatMessage(note), { signal: controller.signal });
  controller.abort(canary);
  const error = await failure(post);
  assert.deepEqual([error.code, error.retryable], ["aborted", false]);
});

test("a signal that is not an AbortSignal is refused", async () => {
  const boom = () => {
    throw leak;
  };
  const client = clientWith(() => new Response("{}", { status: 202 }));
  for (const signal of [
    7,
    {},
    {
      get aborted() {
        throw leak;
      },
    },
    { addEventListener: boom },
    {
      addEventListener() {
        throw "x";
      },
    },
  ]) {
    assert.equal((await failure(client.post(chatMessage(note), { signal }))).code, "invalid_option");
  }
  const deaf = { addEventListener() {}, removeEventListener: boom };
  assert.equal((await client.post(chatMessage(note), { signal: deaf })).kind, "accepted");
  assert.equal((await client.post(chatMessage(note), { signal: null })).kind, "accepted");
});

test("a message keeps its own token, and no error shows it", async () => {
  const own = "own29991own29991own";
  let sent;
  const client = clientWith((_url, init) => {
    sent = JSON.parse(init.body).flow_token;
    return Response.json(
      { message: `unknown token ${own}`, errors: { [own]: [own], __proto__: [canary] } },
      { status: 404 },
    );
  });
  const error = await failure(client.post({ ...chatMessage(note), flow_token: own }));
  assert.equal(sent, own);
  assert.ok(!(inspect(error, { depth: 9 }) + JSON.stringify(error)).includes(own));
  assert.deepEqual(error.fieldErrors, { "…": ["…"] });
});

test("field errors are kept for fields of any name", async () => {
  const body = '{ "errors": { "__proto__": ["x"], "constructor": "y" } }';
  const error = await failure(clientWith(() => new Response(body, { status: 400 })).post(chatMessage(note)));
  assert.deepEqual(Object.entries(error.fieldErrors), [
    ["__proto__", ["x"]],
    ["constructor", ["y"]],
  ]);
});

test("the result is `created` only if the answer has an id", async () => {
  for (const [status, body, kind] of /** @type {any[][]} */ ([
    [200, '{"id":7}', "created"],
    [201, '{"id":"0"}', "created"],
    [202, '{"id":7}', "accepted"],
    [200, '{"id":null}', "accepted"],
    [200, "{}", "accepted"],
    [201, " \n", "accepted"],
    [200, "", "accepted"],
    [201, '{"id":0}', "created"],
  ])) {
    const result = await clientWith(() => new Response(body, { status })).post(chatMessage(note));
    assert.deepEqual([result.kind, "message" in result], [kind, kind === "created"], `${status} ${body}`);
  }
});

test("a header that a fetch changes stays unchanged in the next request", async () => {
  const seen = [];
  const client = clientWith(
    (_url, { headers }) => {
      seen.push({ ...headers });
      headers.accept = "text/plain";
      return new Response("", { status: 503 });
    },
    { retry: { maxAttempts: 2, baseMs: 1 } },
  );
  for (let count = 0; count < 2; count += 1) await failure(client.post(chatMessage(note)));
  const plain = { "Content-Type": "application/json", Accept: "application/json" };
  assert.deepEqual(seen, [plain, plain, plain, plain]);
});

test("no timer is left that would keep the process alive", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  for (const last of [202, 400]) {
    let count = 0;
    const fetch = () => new Response("{}", { status: count++ === 0 ? 503 : last });
    await clientWith(fetch, { retry: { baseMs: 1 } })
      .post(chatMessage(note))
      .catch(() => {});
    assert.deepEqual([count, timers() - before], [2, 0]);
  }
});

test("a token in the server's answer is not in the result", async () => {
  const echo = (_url, init) => Response.json({ ...JSON.parse(init.body), id: 7 }, { status: 200 });
  const result = await clientWith(echo).post(chatMessage(note));
  assert.ok(!JSON.stringify(result).includes(canary));
  assert.equal(result.message.content, note.content);
});

test("memory does not grow with the posts", async () => {
  // A separate process, so that its heap can be collected and holds nothing else.
  const script = `
    import { Client } from "flowdock-integration";
    const client = new Client({ baseUrl: "http://127.0.0.1:2", flowToken: "x", fetch: () => new Response("{}", { status: 202 }) });
    const message = { event: "message", content: "x", external_thread_id: "1" };
    const posts = async (count) => { for (let n = 0; n < count; n += 1) await client.post(message); gc(); await null; gc(); };
    await posts(2_000);
    const before = process.memoryUsage();
    await posts(6_000);
    const after = process.memoryUsage();
    console.log(JSON.stringify({ heap: after.heapUsed - before.heapUsed, external: after.external - before.external }));
  `;
  const run = promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url),
  });
  const { heap, external } = JSON.parse((await run).stdout);
  // A post that leaks its futures costs about a kilobyte.
  assert.ok(heap < 1_500_000 && external < 500_000, `heap ${heap}, external ${external}`);
});

test("the error for an invalid option names the option and shows no token", async () => {
  const good = { baseUrl: "https://inbox.example.com", flowToken: canary };
  for (const [options, message] of /** @type {any[][]} */ ([
    [undefined, "`baseUrl` is required"],
    [{ flowToken: canary }, "`baseUrl` is required"],
    [{ baseUrl: "https://inbox.example.com" }, "`flowToken` is required"],
    [{ ...good, flowToken: [canary] }, "`flowToken` must be a string"],
    [{ ...good, flowToken: `${canary} ` }, "`flowToken` must be a token without white space"],
    [{ ...good, baseUrl: "http://inbox.example.com" }, /plain http/],
    [{ ...good, [canary]: 1 }, /an unknown option/],
    [{ ...good, timeoutMs: Infinity }, /2147483647/],
    [{ ...good, baseUrl: 7 }, "`baseUrl` must be a string"],
    [{ ...good, timeoutMs: 0 }, /`timeoutMs`/],
    [{ ...good, timeoutMs: "5" }, /`timeoutMs`/],
    [{ ...good, allowHttp: 1 }, /`allowHttp`/],
    [{ ...good, fetch: 7 }, "`fetch` must be a function"],
    [{ ...good, baseURL: "x" }, "`baseURL` is not a known option, did you mean `baseUrl`"],
  ])) {
    const error = await failure((async () => new Client(options))());
    assert.equal(error.code, "invalid_option");
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
  }
  const shown = inspect(new Client(good), { showHidden: true, depth: 9 }) + JSON.stringify(new Client(good));
  assert.ok(!shown.includes(canary), shown);
  assert.ok(new Client({ ...good, baseUrl: "http://inbox.example.com", allowHttp: true }));
  for (const options of [7, [], { waitForMessage: "yes" }, { wait: true }]) {
    assert.equal((await failure(client.post(chatMessage(note), options))).code, "invalid_option");
  }
});

test("no two messages have the same uuid", async () => {
  const uuids = new Set();
  const own = clientWith((_url, init) => {
    uuids.add(JSON.parse(init.body).uuid);
    return new Response("{}", { status: 202 });
  });
  for (let count = 0; count < 500; count += 1) await own.post(chatMessage(note));
  assert.equal(uuids.size, 500);
});
