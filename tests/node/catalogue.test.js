// The catalogues docs/errors.md and docs/violations.md show messages as they are really printed. Each code is provoked here, and the message
// must be the block of text under its heading.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import BetterSqlite3 from "better-sqlite3";
import {
  activity,
  Client,
  checkBody,
  checkTitle,
  FlowdockError,
  OAuth,
  validate,
  validateJson,
  verifyAction,
} from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { sqlOutbox } from "flowdock-integration/outbox/sql";
import { forge } from "./support/forge.js";

const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The block of text under each heading of a catalogue that is a code. A code without a block has an empty text. */
function examples(document) {
  const sections = read(`../../docs/${document}`).split(/^### (?=\w+$)/m);
  return new Map(
    sections.slice(1).map((section) => {
      const [own] = section.split(/^## /m);
      return [own.split("\n", 1)[0], /^```text\n(.*?)\n```$/ms.exec(own)?.[1] ?? ""];
    }),
  );
}

const message = { event: "message", content: "Great Scott!", external_thread_id: "1234567" };
const thread = { title: "Polish the flux capacitor" };
const item = { author: "Marty", title: "updated ticket", external_thread_id: "1234567", thread };
const base = {
  baseUrl: "https://inbox.example.com",
  flowToken: "0123456789abcdef",
  retry: /** @type {false} */ (false),
};

const post = (options, more) => new Client({ ...base, ...options }).post(message, more);
const answer = (status, body) => post({ fetch: () => new Response(body, { status }) });
/** A user comes back to the redirect URI, and the server answers the exchange of the code. */
function comeBack(query, body, status = 200) {
  const redirectUri = "https://polls.example/callback";
  const fetch = () => Response.json(body, { status });
  const oauth = new OAuth({ baseUrl: base.baseUrl, clientId: "polls", redirectUri, fetch });
  return oauth.exchangeCode({ url: `${redirectUri}?${query}`, state: "x7Qp", scope: "integration" });
}
const table = JSON.parse(read("../fixtures/callbacks.json"));
async function click(row, more) {
  const { request, options } = await forge({ name: "", ...row }, table);
  return verifyAction(request(), { ...options, ...more });
}
const withoutToken = () => new Request("https://polls.example/vote", { method: "POST", body: "{}" });

const errors = {
  invalid_message: () => new Client(base).post(/** @type {any} */ ({ ...message, content: "" })),
  invalid_option: () => post({ baseURL: base.baseUrl }),
  storage: async () => {
    const store = sqlOutbox(new BetterSqlite3(":memory:"));
    const outbox = new Outbox({ store, client: () => undefined, maxEntries: 1 });
    await outbox.post("source", message);
    await outbox.post("source", message);
  },
  too_large: () => answer(413),
  unauthorized: () => answer(401),
  forbidden: () => answer(403),
  not_found: () => answer(404),
  source_removed: () => answer(410),
  rate_limited: () => answer(429),
  server: () => answer(503),
  network: () => {
    const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    return post({ baseUrl: "http://127.0.0.1:4999", fetch });
  },
  timeout: (/** @type {import("node:test").TestContext} */ { mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    return post({
      fetch: (_, { signal }) => {
        queueMicrotask(() => mock.timers.tick(10_000));
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    });
  },
  aborted: () => post({}, { signal: AbortSignal.abort() }),
  redirect_refused: () => answer(302),
  rejected: () => answer(400, '{"message":"Validation error","errors":{"content":["can\'t be blank"]}}'),
  bad_response: () => answer(200, "<h1>Sign in</h1>"),
  state_mismatch: () => comeBack("code=c0de&state=other"),
  access_denied: () => comeBack("error=access_denied&state=x7Qp"),
  invalid_grant: () => comeBack("code=c0de&state=x7Qp", { error: "invalid_grant" }, 400),
  scope_missing: () => comeBack("code=c0de&state=x7Qp", { access_token: "t0ken", scope: "flow" }),
  token_missing: () => verifyAction(withoutToken(), { secrets: ["kept on the server"] }),
  token_malformed: () => click({ token: "forged" }),
  algorithm_refused: () => click({ header: '{"alg":"none"}' }),
  signature_invalid: () => click({ key: "another" }),
  token_expired: () => click({ age: 60 }),
  body_mismatch: () => click({ claims: '{"sub":"7","exp":$exp,"signature":"0"}' }),
  url_mismatch: () => click({ expectedUrl: "https://polls.example/other" }),
  replayed: () => click({}, { seen: () => true }),
};

for (const [code, example] of examples("errors.md")) {
  if (code === "wasm_unavailable") continue; // Each place has its own process, below.
  test(`docs/errors.md shows the message of ${code}`, async (context) => {
    await assert.rejects(
      async () => errors[code](context),
      (/** @type {any} */ error) => {
        assert.ok(error instanceof FlowdockError, String(error));
        assert.deepEqual([error.code, error.message], [code, example]);
        return true;
      },
    );
  });
}

/** What stands before the first call in a place that compiles no WebAssembly, with the entry of the package. */
const blocked = (/** @type {string} */ words, more = "") =>
  `globalThis.WebAssembly = { Module: function () { throw new Error(${JSON.stringify(words)}) } }; ${more}`;
const extension = (/** @type {string} */ protocol) =>
  blocked(
    "a policy forbids it",
    `globalThis.chrome = { runtime: { id: "a" } }; globalThis.location = { protocol: "${protocol}" };`,
  );
const validateIn = (/** @type {string} */ place) =>
  `${place} const { validate } = await import("flowdock-integration"); validate({});`;
const slim = (/** @type {string} */ then) =>
  `const { init, validate } = await import("flowdock-integration/slim"); ${then}`;
const places = [
  validateIn(blocked("a policy forbids it")),
  validateIn(extension("chrome-extension:")),
  validateIn(extension("https:")),
  validateIn(blocked("the runtime forbids it", 'globalThis.EdgeRuntime = "vercel";')),
  validateIn("delete globalThis.WebAssembly;"),
  slim("validate({});"),
  slim('await init(Promise.reject(new TypeError("fetch failed")));'),
  slim('await init(new Response("", { status: 404 }));'),
];

test("docs/errors.md lists the messages of wasm_unavailable by their places", () => {
  const [, section] = read("../../docs/errors.md").split("### wasm_unavailable");
  const rows = [...section.split("###")[0].matchAll(/^\| (?!the message|---)(.*?) +\|/gm)].map(([, ending]) => ending);
  const endings = places.map((place) => {
    const program = `try { ${place} } catch ({ code, message }) { console.log(code + "|" + message); }`;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
    });
    const [, ending] = /^wasm_unavailable\|WebAssembly could not be compiled: (.*)\n$/.exec(output) ?? [];
    return ending ?? output;
  });
  assert.deepEqual(rows, endings);
  assert.ok(examples("errors.md").get("wasm_unavailable")?.endsWith(`: ${endings[0]}`));
});

const built = activity(item);
const html = (path, violations) => violations.map((violation) => ({ ...violation, path }));
const title = (text) => html("/title", checkTitle(text));
const body = (text) => html("/body", checkBody(text));

const violations = {
  required: () => validate({ ...built, title: " " }).violations,
  required_one_of: () => validate({ ...built, external_thread_id: null }).violations,
  recommended: () => validate({ ...built, event: "discussion" }).violations,
  invalid_type: () => validate({ ...built, external_thread_id: 42 }).violations,
  invalid_choice: () =>
    validate({ ...built, thread: { ...thread, status: { value: "open", color: "gray" } } }).violations,
  invalid_format: () => validate({ ...message, flow_token: "0123456789abcdef\n" }).violations,
  invalid_url: () => validate({ ...built, thread: { ...thread, external_url: "/tickets/1" } }).violations,
  invalid_email: () => validate({ ...built, author: { name: "Marty", email: "Marty <marty@example.com>" } }).violations,
  too_long: () => validate({ ...message, content: "x".repeat(9000) }).violations,
  tag_whitespace: () => validate({ ...message, tags: "a, b" }).violations,
  mixed_attachment_ids: () => validate({ ...built, attachments: [{ id: "a" }, {}] }).violations,
  unknown_field: () => validate({ ...message, tag: "x" }).violations,
  read_only: () => validate({ ...message, id: 7 }).violations,
  not_used: () => validate({ ...message, title: "x" }).violations,
  not_well_formed: () => validate({ ...message, content: "Great Scott! 😀".slice(0, -1) }).violations,
  invalid_json: () => validateJson('{ "event": "message", }').violations,
  duplicate_key: () =>
    validateJson('{ "event": "message", "external_thread_id": "1", "content": "a", "content": "b" }').violations,
  html_tag_not_allowed: () => title("merged <b>#42</b>"),
  html_attribute_not_allowed: () => body('<p onclick="steal()">a</p>'),
  html_url_not_allowed: () => title('<a href="javascript:steal()">a</a>'),
  html_malformed: () => body("a <!-- b -->"),
  html_unbalanced: () => title('<a href="https://example.com">a'),
  html_not_contained: () => body("a</div>"),
  html_in_plain_text: () => validate({ ...message, content: "<b>Great Scott!</b>" }).violations,
};

for (const [code, example] of examples("violations.md")) {
  test(`docs/violations.md shows the message of ${code}`, () => {
    const found = violations[code]();
    assert.deepEqual(
      found.map(({ code, severity, path, message }) => [code, `${severity} ${path}: ${message}`]),
      [[code, example]],
    );
  });
}

test("docs/violations.md cuts a text by characters as it says", () => {
  const text = "😀".repeat(200);
  const cut = [...text].slice(0, 100).join("");
  assert.equal(validate({ ...message, content: cut }).violations.length, 0);
});
