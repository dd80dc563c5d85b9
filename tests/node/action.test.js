// `verifyAction` with genuine, forged and stale requests, and the login challenge.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import * as flowdock from "flowdock-integration";
import { read } from "./support/cases.js";
import { forge, judgeCalls } from "./support/forge.js";

const { authenticationChallenge, verifyAction } = flowdock;
const table = read("callbacks.json");

test("verifyAction gives the outcome that the table names for each call", async () => {
  const refused = table.calls.filter(({ outcome }) => outcome !== "verified");
  assert.ok(refused.length >= 40, `${refused.length} are refused`);
  assert.deepEqual(
    await judgeCalls(flowdock, table),
    table.calls.map(({ name, outcome }) => ({ name, outcome })),
  );
});

test("the table's tokens equal those that Node's own crypto makes", async () => {
  const { request } = await forge({}, table);
  const [header, claims, mac] = request().headers.get("flowdock-token").split(".");
  assert.equal(createHmac("sha256", table.secret).update(`${header}.${claims}`).digest("base64url"), mac);
  const { signature } = JSON.parse(String(Buffer.from(claims, "base64url")));
  assert.equal(
    createHash("sha256")
      .update(await request().text())
      .digest("hex"),
    signature,
  );
});

test("verifyAction accepts a plain object with the body as text or as bytes", async () => {
  const { request, options } = await forge({}, table);
  const body = await request().text();
  const token = request().headers.get("flowdock-token");
  const bytes = new TextEncoder().encode(body);
  const padded = new Uint8Array([0, ...bytes, 0]);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  for (const [headers, given] of [
    [{ "flowdock-token": token }, body],
    [{ "flowdock-token": token }, shared],
    [{ "FLOWDOCK-TOKEN": token }, bytes],
    [new Headers({ "Flowdock-Token": token }), bytes.buffer],
    [{ host: "x", "flowdock-token": [token] }, padded.subarray(1, -1)],
    [{ "flowdock-token": token }, Buffer.from(body)],
  ]) {
    // docs/actions.md shows this code for Node and for a server behind a proxy.
    const url = new URL("/vote?for=pizza", "https://polls.example");
    const known = { headers, body: given, url, method: "POST" };
    assert.equal((await verifyAction(known, { ...options, seen: undefined })).userId, "7");
    const { pathname, search } = new URL(`http://10.0.0.7:8080${url.pathname}${url.search}`);
    const proxied = { ...known, url: "http://10.0.0.7:8080/vote?for=pizza" };
    const expectedUrl = `https://polls.example${pathname}${search}`;
    assert.equal((await verifyAction(proxied, { ...options, expectedUrl, seen: undefined })).userId, "7");
  }
  for (const given of [JSON.parse(body), undefined, null, 7]) {
    const parsed = { headers: { "flowdock-token": token }, body: given, url: table.template };
    await assert.rejects(verifyAction(parsed, options), { code: "invalid_option" });
  }
});

test("the action is the signed one, even if the bytes of the body change meanwhile", async () => {
  const { request, options } = await forge({}, table);
  const bytes = new Uint8Array(await request().arrayBuffer());
  const known = { headers: request().headers, body: bytes, url: table.template };
  const running = verifyAction(known, { ...options, seen: undefined });
  await Promise.resolve();
  bytes.fill(32);
  const outcome = await running.then(
    ({ action }) => action.name,
    (error) => error.code,
  );
  assert.ok(["Vote for pizza", "body_mismatch"].includes(outcome), outcome);
});

test("a request whose body was read already gives an error that says so", async () => {
  const { request, options } = await forge({}, table);
  const used = request();
  await used.text();
  await assert.rejects(verifyAction(used, options), { code: "invalid_option", message: /verify first/ });
});

test("verifyAction refuses options that would accept any request", async () => {
  const { request, options } = await forge({}, table);
  for (const secrets of [undefined, null, [], "the client secret", [""], [undefined], ["a", null]]) {
    await assert.rejects(verifyAction(request(), { ...options, secrets }), { code: "invalid_option" });
  }
  for (const odd of [{ expectUrl: "x" }, { expectedUrl: "/vote" }, { now: "now" }, { now: NaN }, { seen: new Set() }]) {
    await assert.rejects(verifyAction(request(), { ...options, ...odd }), { code: "invalid_option" });
  }
  const path = { headers: request().headers, body: "", url: "/vote?for=pizza" };
  await assert.rejects(verifyAction(path, options), { code: "invalid_option", message: /`url`.*`expectedUrl`/ });
  await assert.rejects(verifyAction(undefined, options), { code: "invalid_option" });
  await assert.rejects(verifyAction(request()), { code: "invalid_option" });
});

test("verifyAction uses the time of the clock, unless `now` is given", async () => {
  const { request, options } = await forge({}, table);
  const { now, ...rest } = options;
  // `now` is rounded down to whole seconds.
  const last = await forge({ age: 34 }, table);
  assert.equal((await verifyAction(last.request(), { ...last.options, now: now + 999 })).userId, "7");
  await assert.rejects(verifyAction(request(), rest), {
    code: Date.now() / 1000 < table.now ? "token_malformed" : "token_expired",
  });
  const fresh = await forge({ age: table.now - Math.floor(Date.now() / 1000) }, table);
  const { now: __, ...usual } = fresh.options;
  assert.equal((await verifyAction(fresh.request(), usual)).userId, "7");
});

test("`seen` is called only for genuine clicks, and may be async", async () => {
  const asked = [];
  const seen = async (...known) => Boolean(asked.push(known) > 1);
  const good = await forge({}, table);
  const forged = await forge({ key: "guessed" }, table);
  await assert.rejects(verifyAction(forged.request(), { ...forged.options, seen }), { code: "signature_invalid" });
  assert.equal((await verifyAction(good.request(), { ...good.options, seen })).userId, "7");
  await assert.rejects(verifyAction(good.request(), { ...good.options, seen }), { code: "replayed", retryable: false });
  assert.match(asked[0][0], /^[0-9a-f]{64}$/);
  assert.deepEqual(
    asked.map(([, until]) => until),
    [(table.now + 35) * 1000, (table.now + 35) * 1000],
  );
});

test("no error shows a token or a secret", async () => {
  for (const row of table.calls.filter(({ outcome }) => outcome !== "verified")) {
    const { request, options } = await forge(row, table);
    const token = request().headers.get("flowdock-token") ?? "";
    const error = await verifyAction(request(), options)
      .then(() => verifyAction(request(), options))
      .catch((error) => error);
    const shown = `${error.stack} ${JSON.stringify(error)}`;
    for (const part of [table.secret, ...token.split(".").filter((part) => part.length > 8)]) {
      assert.ok(!shown.includes(part), `${row.name}: ${part}`);
    }
  }
});

test("URLs are normalised by the runtime before they are compared", async () => {
  for (const [template, url] of [
    ["https://müller.example/a/../vote", "https://xn--mller-kva.example/vote"],
    ["http://127.1:0080/vote", "http://127.0.0.1/vote"],
  ]) {
    const { request, options } = await forge({ template, url }, table);
    assert.equal((await verifyAction(request(), options)).userId, "7", template);
  }
});

test("a large forged body takes little more memory than reading it", async () => {
  const { request, options } = await forge({ key: "guessed" }, table);
  const body = `[${"[],".repeat(300_000)}[]]`;
  const before = process.memoryUsage().external;
  const known = { headers: request().headers, body, url: table.template };
  await assert.rejects(verifyAction(known, options), { code: "signature_invalid" });
  assert.ok(process.memoryUsage().external - before < 20e6);
});

test("a login challenge is a 401 with the header and body that Flowdock documents", async () => {
  const response = authenticationChallenge("https://polls.example/login?claim=a.b-c");
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), { error: "Authentication required" });
  assert.equal(response.headers.get("www-authenticate"), "Flowdock-Token url=https://polls.example/login?claim=a.b-c");
  assert.equal(authenticationChallenge(new URL("http://127.0.0.1:8787/login")).status, 401);
});
