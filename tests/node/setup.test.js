// The setup of the guide with the real inbox: authorise, find the flow, create and manage a source; and the errors on the way.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { Client, chatMessage, FlowdockApi, OAuth, readConfigurationUri, readSetupUri } from "flowdock-integration";
import { consent } from "./support/consent.js";
import { startInbox } from "./support/inbox.js";

const redirectUri = "https://app.example/callback?from=inbox";
let inbox;
let application;
let oauth;

before(async () => {
  inbox = await startInbox("--token-lifetime", "7200");
  application = await owner("POST", "/oauth/applications", { name: "Garage", redirect_uris: [redirectUri] });
  oauth = new OAuth(credentials());
});

after(() => inbox?.stop());

function credentials(changes) {
  const { client_id: clientId, client_secret: clientSecret } = application;
  return { baseUrl: inbox.url, clientId, clientSecret, redirectUri, ...changes };
}

async function owner(method, path, body, at = inbox) {
  const headers = { authorization: `Bearer ${at.api_token}`, "content-type": "application/json" };
  const response = await fetch(at.url + path, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}

/** Answers the consent page as the owner does, and returns the URL of the redirect. */
async function decide(url, decision = "authorise", at = inbox) {
  const response = await consent(url, at.api_token, decision);
  assert.equal(response.status, 303, await response.text());
  return response.headers.get("location");
}

/** @param {string | string[]} scope */
async function authorise(scope = ["integration", "offline_access", "flow"]) {
  const state = crypto.randomUUID();
  const url = await decide(oauth.authorizeUrl({ scope, state }));
  return oauth.exchangeCode({ url, state });
}

test("the setup of the guide works from the setup URI to the deleted source", async () => {
  const [{ id }] = await owner("GET", "/flows");
  const visit = readSetupUri(`https://app.example/setup?flow=${id}&flow_url=${encodeURIComponent(inbox.flowUrl)}`);
  assert.deepEqual(visit, { flow: id, flowUrl: inbox.flowUrl });

  const before = Date.now();
  const tokens = await authorise();
  assert.deepEqual(Object.keys(tokens).sort(), ["accessToken", "expiresAt", "refreshToken", "scope"]);
  assert.deepEqual(tokens.scope.toSorted(), ["flow", "integration", "offline_access"]);
  assert.ok(tokens.expiresAt >= before + 7200e3 && tokens.expiresAt <= Date.now() + 7200e3);

  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken: tokens.accessToken });
  const flow = await api.findFlow(visit.flow);
  assert.deepEqual([flow.id, flow.parameterized_name], [id, inbox.flow]);
  const source = await api.createSource(flow, { name: "DeLorean", externalUrl: "https://garage.example/88" });
  assert.match(source.flow_token, /^\w{16,}$/);

  const client = new Client({ baseUrl: inbox.url, flowToken: source.flow_token });
  await client.post(chatMessage({ content: "88 mph", external_thread_id: "1" }));
  assert.equal((await inbox.get("/messages"))[0].content, "88 mph");

  const names = async (...of) => (await api.sources(...of)).map(({ name }) => name).sort();
  assert.ok((await names()).includes("DeLorean"));
  assert.ok((await names(flow)).includes("DeLorean"));
  const flowName = `${inbox.organization}/${inbox.flow}`;
  assert.equal((await api.source(flowName, source.id)).name, "DeLorean");
  assert.equal((await api.source(flowName, String(source.id))).flow_token, undefined);

  const trouble = await api.updateSource(flow, source.id, { errorMessage: "no plutonium" });
  assert.equal(trouble.error_message, "no plutonium");
  const configuration = { configurationUrl: "https://garage.example/configure" };
  assert.equal((await api.updateSource(flow, source.id, configuration)).error_message, "no plutonium");
  const byToken = new FlowdockApi({ baseUrl: inbox.url });
  const cleared = await byToken.updateSourceByToken(source.flow_token, { errorMessage: "" });
  assert.deepEqual(
    [cleared.error_message, cleared.configuration_url],
    ["", configuration.configurationUrl].map((text) => text || null),
  );

  assert.equal(await api.deleteSource(flow, source.id), undefined);
  const message = chatMessage({ content: "late", external_thread_id: "1" });
  await assert.rejects(client.post(message), { code: "source_removed", status: 410 });
  await assert.rejects(byToken.updateSourceByToken(source.flow_token, {}), { code: "source_removed" });
});

test("a code with a PKCE challenge can be exchanged only with its verifier", async () => {
  const { codeVerifier, codeChallenge } = await OAuth.pkce();
  assert.match(codeVerifier, /^[\w-]{43}$/);
  assert.equal(createHash("sha256").update(codeVerifier).digest("base64url"), codeChallenge);
  const state = "x";
  const begin = () => decide(oauth.authorizeUrl({ state, codeChallenge }));
  assert.ok(
    oauth
      .authorizeUrl({ state, codeChallenge })
      .endsWith(`&code_challenge=${codeChallenge}&code_challenge_method=S256`),
  );
  assert.ok((await oauth.exchangeCode({ url: await begin(), state, codeVerifier })).accessToken);
  await assert.rejects(oauth.exchangeCode({ url: await begin(), state }), { code: "invalid_grant" });
  const other = (await OAuth.pkce()).codeVerifier;
  await assert.rejects(oauth.exchangeCode({ url: await begin(), state, codeVerifier: other }), {
    code: "invalid_grant",
  });
});

test("a code that the user copied can be exchanged", async () => {
  const redirectUri = "urn:ietf:wg:oauth:2.0:oob";
  const profile = { name: "Console", redirect_uris: [redirectUri] };
  const { client_id: clientId, client_secret: clientSecret } = await owner("POST", "/oauth/applications", profile);
  const console = new OAuth({ baseUrl: inbox.url, clientId, clientSecret, redirectUri });
  const code = new URL(await decide(console.authorizeUrl({ state: "x" })), inbox.url).pathname.split("/").at(-1);
  assert.ok((await console.exchangeCode({ code })).accessToken);
});

test("each failure of the setup has its own error code", async () => {
  const state = "the state";
  const begin = (scope) => decide(oauth.authorizeUrl({ scope, state }));
  const url = await begin();
  for (const other of ["another state", "the state ", "THE STATE", ""]) {
    await assert.rejects(oauth.exchangeCode({ url, state: other }), { code: "state_mismatch" });
  }
  await assert.rejects(oauth.exchangeCode({ url }), { code: "state_mismatch" });
  for (const both of [{ url, code: "x", state }, { code: "x", state }, {}]) {
    await assert.rejects(oauth.exchangeCode(both), { code: "invalid_option" });
  }
  const denied = await decide(oauth.authorizeUrl({ state }), "deny");
  await assert.rejects(oauth.exchangeCode({ url: denied, state }), { code: "access_denied" });
  await assert.rejects(oauth.exchangeCode({ url: `${redirectUri}&state=the+state`, state }), { code: "bad_response" });

  await oauth.exchangeCode({ url, state });
  await assert.rejects(oauth.exchangeCode({ url: new URL(url), state }), {
    code: "invalid_grant",
    status: 400,
    retryable: false,
  });
  await assert.rejects(oauth.exchangeCode({ code: "guessed" }), { code: "invalid_grant" });

  const less = { url: await begin("flow"), state, scope: "integration" };
  await assert.rejects(oauth.exchangeCode(less), { code: "scope_missing", message: /`integration`/ });
  const wrong = new OAuth(credentials({ clientSecret: "guessed" }));
  await assert.rejects(wrong.exchangeCode({ code: "x" }), { code: "unauthorized", status: 401 });

  const { accessToken } = await authorise("flow");
  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken });
  const flowName = `${inbox.organization}/${inbox.flow}`;
  await assert.rejects(api.createSource(flowName, { name: "x" }), {
    code: "forbidden",
    status: 403,
    message: /scope `integration`/,
  });
  await assert.rejects(api.findFlow("unknown"), { code: "not_found", status: 404 });
  const stranger = new FlowdockApi({ baseUrl: inbox.url, accessToken: "guessed" });
  await assert.rejects(stranger.sources(), { code: "unauthorized", status: 401 });
});

test("an access token that has expired gives `unauthorized`", async () => {
  const own = await startInbox("--token-lifetime", "1");
  try {
    const profile = { name: "Short", redirect_uris: [redirectUri] };
    const { client_id: clientId, client_secret: clientSecret } = await owner(
      "POST",
      "/oauth/applications",
      profile,
      own,
    );
    const short = new OAuth({ baseUrl: own.url, clientId, clientSecret, redirectUri });
    const url = await decide(short.authorizeUrl({ scope: "integration", state: "x" }), "authorise", own);
    const { accessToken } = await short.exchangeCode({ url, state: "x" });
    const api = new FlowdockApi({ baseUrl: own.url, accessToken });
    // The token is valid for one second, so a request fails when that second is over.
    const expired = async () => {
      for (;;) await api.sources();
    };
    await assert.rejects(expired(), { code: "unauthorized", status: 401, message: /has expired/, retryable: false });
  } finally {
    await own.stop();
  }
});

test("the error names the fields that the server refuses", async () => {
  const { accessToken } = await authorise();
  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken });
  const flowName = `${inbox.organization}/${inbox.flow}`;
  const error = await api.createSource(flowName, { name: "x", externalUrl: "no url" }).catch((error) => error);
  assert.deepEqual([error.code, Object.keys(error.fieldErrors)], ["rejected", ["external_url"]]);
});

test("concurrent refreshes of one token make one request and get the same new tokens", async () => {
  const { refreshToken } = await authorise();
  let requests = 0;
  const counting = new OAuth(
    credentials({
      fetch: (url, init) => {
        requests += 1;
        return fetch(url, init);
      },
    }),
  );
  const all = await Promise.all([1, 2, 3].map(() => counting.refresh(refreshToken)));
  assert.equal(requests, 1);
  assert.equal(new Set(all.map((tokens) => tokens.accessToken)).size, 1);
  assert.notEqual(all[0].refreshToken, refreshToken);
  const next = await counting.refresh(all[0].refreshToken);
  assert.equal(requests, 2);
  // The old refresh token is invalid. Its use revokes the new tokens as well.
  await assert.rejects(counting.refresh(refreshToken), { code: "invalid_grant" });
  await assert.rejects(counting.refresh(next.refreshToken), { code: "invalid_grant" });
});

test("an answer without a new refresh token keeps the old one", async () => {
  const answer = (body, headers) => new OAuth(credentials({ fetch: async () => new Response(body, { headers }) }));
  const json = answer('{"access_token":"a","token_type":"Bearer","scope":"flow,private"}');
  assert.deepEqual(await json.refresh("old"), { refreshToken: "old", accessToken: "a", scope: ["flow", "private"] });
  const form = answer("access_token=a%2Fb&token_type=bearer&scope=flow%2Cprivate&refresh_token=new");
  assert.deepEqual(await form.refresh("old"), { accessToken: "a/b", refreshToken: "new", scope: ["flow", "private"] });
});

test("odd answers to a token request lead to the right error", async () => {
  for (const [body, status, code] of /** @type {any[][]} */ ([
    ["", 200, "bad_response"],
    ["<html>", 200, "bad_response"],
    ["{}", 200, "bad_response"],
    ['{"access_token":7}', 200, undefined],
    ['{"access_token":"a","scope":["flow"]}', 200, "bad_response"],
    ['{"access_token":"a","token_type":"mac"}', 200, "bad_response"],
    ["error=invalid_grant&error_description=used", 400, "invalid_grant"],
    ['{"error":"invalid_scope"}', 400, "scope_missing"],
    ["", 503, "server"],
    ["moved", 302, "redirect_refused"],
    ["slow down", 429, "rate_limited"],
  ])) {
    const init = { status, headers: status === 302 ? { location: "https://elsewhere.example" } : {} };
    const odd = new OAuth(credentials({ fetch: async () => new Response(body, init) }));
    const outcome = await odd.refresh("r").then(
      () => undefined,
      (error) => error.code,
    );
    assert.equal(outcome, code, body);
  }
});

test("an invalid scope is refused before the code is used", async () => {
  let requests = 0;
  const counting = new OAuth(
    credentials({
      fetch: () => {
        requests += 1;
        return Response.json({ access_token: "a", scope: "flow" });
      },
    }),
  );
  for (const scope of [new Set(["integration"]), 7, { integration: true }, null]) {
    await assert.rejects(counting.exchangeCode({ code: "c", scope }), { code: "invalid_option", message: /`scope`/ });
  }
  assert.equal(requests, 0);
  await assert.rejects(counting.exchangeCode({ code: "c", scope: ["flow", "integration"] }), { code: "scope_missing" });
  assert.equal((await counting.exchangeCode({ code: "c", scope: "flow" })).accessToken, "a");
});

test("a refresh after a failed one makes a new request", async () => {
  const answers = [503, 200];
  const fetch = async () => Response.json({ access_token: "a" }, { status: answers.shift() });
  const patient = new OAuth(credentials({ fetch }));
  await assert.rejects(patient.refresh("r"), { code: "server", retryable: true });
  assert.equal((await patient.refresh("r")).accessToken, "a");
});

test("no secret is sent to the target of a redirect", async () => {
  const bodies = [];
  const serve = async (answer) => {
    /** @type {any} */
    const server = createServer(async (request, response) => {
      for await (const chunk of request) bodies.push([server.name, String(chunk)]);
      bodies.push([server.name, request.headers.authorization]);
      answer(response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return Object.assign(server, { url: `http://127.0.0.1:${server.address().port}` });
  };
  const thief = Object.assign(await serve((response) => response.end("{}")), { name: "thief" });
  const first = await serve((response) => response.writeHead(307, { location: thief.url }).end());
  Object.assign(first, { name: "first" });
  try {
    const redirected = { code: "redirect_refused", status: 307 };
    await assert.rejects(new OAuth(credentials({ baseUrl: first.url })).exchangeCode({ code: "c" }), redirected);
    await assert.rejects(new FlowdockApi({ baseUrl: first.url, accessToken: "t" }).sources(), redirected);
    assert.deepEqual([...new Set(bodies.map(([name]) => name))], ["first"]);
  } finally {
    for (const server of [thief, first]) server.close().closeAllConnections();
  }
});

test("a signal and a time limit end every call and abort its request", async () => {
  const signals = [];
  const hang = (_url, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken: "x", fetch: hang });
  const flowName = "a/b";
  for (const call of [
    (options) => api.findFlow("f", options),
    (options) => api.sources(undefined, options),
    (options) => api.sources(flowName, options),
    (options) => api.source(flowName, 1, options),
    (options) => api.createSource(flowName, { name: "x" }, options),
    (options) => api.updateSource(flowName, 1, {}, options),
    (options) => api.updateSourceByToken("t", {}, options),
    (options) => api.deleteSource(flowName, 1, options),
    (options) => new OAuth(credentials({ fetch: hang })).exchangeCode({ code: "c", ...options }),
  ]) {
    const controller = new AbortController();
    const running = call({ signal: controller.signal });
    controller.abort();
    await assert.rejects(running, { code: "aborted" });
    assert.equal(signals.at(-1).aborted, true);
  }
  assert.equal(signals.length, 9);
  const slow = new OAuth(credentials({ fetch: hang, timeoutMs: 5 }));
  await assert.rejects(slow.refresh("r"), { code: "timeout", message: /5 ms/ });
  assert.equal(signals.at(-1).aborted, true);
});

test("`allowHttp` applies to all calls", async () => {
  const fetch = async () =>
    Response.json({ id: "f", parameterized_name: "b", organization: { parameterized_name: "a" } });
  const api = new FlowdockApi({ baseUrl: "http://inbox.example", allowHttp: true, accessToken: "x", fetch });
  assert.equal((await api.findFlow("f")).id, "f");
});

test("a fetch that fails, never answers or is not a function leads to a FlowdockError", async () => {
  const api = (fetch, more) => new FlowdockApi({ baseUrl: inbox.url, accessToken: "c4nary", fetch, ...more });
  const never = () => new Promise(() => {});
  const reason = Object.assign(new TypeError("fetch failed: c4nary"), { cause: { code: "ECONNREFUSED" } });
  for (const [fetch, more, code] of [
    [() => Promise.reject("no"), {}, "network"],
    [() => Promise.reject(reason), {}, "network"],
    [
      () => {
        throw reason;
      },
      {},
      "network",
    ],
    [() => ({ status: 200 }), {}, "bad_response"],
    [async () => new Response("[]", { status: 200 }), {}, "bad_response"],
    [async () => new Response("c4nary", { status: 500 }), {}, "server"],
    [async () => Response.json({ message: "who is c4nary?" }, { status: 401 }), {}, "unauthorized"],
    [never, { timeoutMs: 5 }, "timeout"],
  ]) {
    const error = await api(fetch, more)
      .findFlow("x")
      .catch((error) => error);
    assert.equal(error.code, code);
    assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes("c4nary"), error.stack);
  }
  const echo = async (_url, { body }) =>
    new Response(`error=invalid_request&error_description=${encodeURIComponent(body)}`, { status: 400 });
  const repeated = await new OAuth(credentials({ clientSecret: "c4n/ary+", fetch: echo }))
    .exchangeCode({ code: "c4n=ary" })
    .catch((error) => error);
  assert.equal(repeated.code, "rejected");
  assert.doesNotMatch(`${repeated.stack} ${JSON.stringify(repeated)}`, /c4n/);

  const aborted = AbortSignal.abort("why not");
  let requests = 0;
  const counting = api(() => {
    requests += 1;
    return never();
  });
  await assert.rejects(counting.findFlow("x", { signal: aborted }), { code: "aborted" });
  assert.equal(requests, 0);
  const controller = new AbortController();
  const running = counting.findFlow("x", { signal: controller.signal });
  controller.abort();
  await assert.rejects(running, { code: "aborted" });
});

test("the error for an invalid option names it and never shows its value", async () => {
  const secret = "s3cret";
  for (const [changes, name] of [
    [{ baseUrl: "http://inbox.example" }, "baseUrl"],
    [{ baseUrl: undefined }, "baseUrl"],
    [{ clientId: "" }, "clientId"],
    [{ clientId: undefined }, "clientId"],
    [{ redirectUri: "/callback" }, "redirectUri"],
    [{ redirectUri: undefined }, "redirectUri"],
    [{ clientSecret: 7 }, "clientSecret"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ fetch: "fetch" }, "fetch"],
    [{ redirectUrl: secret }, "redirectUri"],
  ]) {
    assert.throws(
      () => new OAuth(credentials(changes)),
      (/** @type {any} */ error) => {
        assert.equal(error.code, "invalid_option");
        assert.ok(error.message.includes(`\`${name}\``) && !error.message.includes(secret), error.message);
        return true;
      },
    );
  }
  const invalid = { code: "invalid_option" };
  assert.throws(() => new FlowdockApi({ baseUrl: inbox.url, accessToken: "a b" }), invalid);
  assert.throws(() => oauth.authorizeUrl({ scope: "flow" }), { ...invalid, message: /`state`/ });
  assert.throws(() => oauth.authorizeUrl({ scopes: "flow", state: "x" }), { ...invalid, message: /`scope`/ });
  await assert.rejects(oauth.exchangeCode({ code: "" }), { ...invalid, message: /`code`/ });
  await assert.rejects(oauth.refresh(undefined), { ...invalid, message: /`refreshToken`/ });
  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken: "x" });
  for (const id of ["", ".", ".."]) {
    await assert.rejects(api.deleteSource("a/b", id), { ...invalid, message: /`id`/ });
    await assert.rejects(api.sources(`a/${id || ".."}`), invalid);
  }
  for (const flow of [undefined, null, "", "main", "a/b/c", {}, { parameterized_name: "main" }, 7]) {
    await assert.rejects(api.createSource(flow, { name: "x" }), { ...invalid, message: /`flow`/ });
  }
  await assert.rejects(api.createSource("a/b", {}), { ...invalid, message: /`name`/ });
  await assert.rejects(api.createSource("a/b", { name: "x", external_url: "https://e.example" }), {
    ...invalid,
    message: /`externalUrl`/,
  });
  await assert.rejects(api.findFlow(""), { ...invalid, message: /`id`/ });
  await assert.rejects(api.source("a/b"), { ...invalid, message: /`id`/ });
  await assert.rejects(new FlowdockApi({ baseUrl: inbox.url }).sources(), { ...invalid, message: /`accessToken`/ });
});

test("names in paths and queries are percent-encoded", async () => {
  const seen = [];
  const found = { id: "1", parameterized_name: "b", organization: { parameterized_name: "a" } };
  const fetch = async (url) => {
    seen.push(url);
    return Response.json(found);
  };
  const api = new FlowdockApi({ baseUrl: "https://e.example/api/", accessToken: "x", fetch });
  await api.source({ organization: { parameterized_name: "a/../b" }, parameterized_name: "c?d" }, "1/2#3");
  await api.findFlow("a&b=c");
  assert.deepEqual(seen, [
    "https://e.example/api/flows/a%2F..%2Fb/c%3Fd/sources/1%2F2%233",
    "https://e.example/api/flows/find?id=a%26b%3Dc",
  ]);
});

test("readSetupUri and readConfigurationUri read the queries that Flowdock sends", () => {
  const url =
    "https://app.example/configure?integration_id=36&flow=f%3A1&source=36&source_url=https%3A%2F%2Fe.example%2Fs";
  assert.deepEqual(readConfigurationUri(new URL(url)), {
    flow: "f:1",
    integrationId: "36",
    source: "36",
    sourceUrl: "https://e.example/s",
  });
  assert.throws(() => readSetupUri("https://app.example/setup"), { code: "invalid_option", message: /`flow`/ });
  assert.throws(() => readConfigurationUri("https://app.example/c?flow=1"), {
    code: "invalid_option",
    message: /`integration_id`/,
  });
});

test("logging an object of the package shows no secret", () => {
  const api = new FlowdockApi({ baseUrl: inbox.url, accessToken: "c4nary" });
  const secret = new OAuth(credentials({ clientSecret: "c4nary" }));
  for (const value of [api, secret, new Client({ baseUrl: inbox.url, flowToken: "c4nary" })]) {
    const shown = `${JSON.stringify(value)} ${Object.entries(value)} ${inspect(value, { showHidden: true, depth: 9 })}`;
    assert.doesNotMatch(shown, /c4nary/);
  }
});
