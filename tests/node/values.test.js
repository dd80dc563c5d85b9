// Passes all kinds of JavaScript values to the package. Each gives a report or a FlowdockError, never a crash, and the next call works.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { runInNewContext } from "node:vm";
import * as flowdock from "flowdock-integration";
import { read } from "./support/cases.js";

const { message } = read("messages.json");

afterEach(() => {
  assert.deepEqual(flowdock.validate(message), { valid: true, violations: [] });
});

function violations(value) {
  return flowdock
    .validate(value)
    .violations.map(({ code, path, actual }) => `${code} ${path} ${actual ?? ""}`.trimEnd());
}

/** Returns the violations of a value under an unknown key, without the warning for the key itself. */
function behindUnknownKey(value) {
  return violations({ ...message, extra: value }).filter((line) => !line.startsWith("unknown_field"));
}

function nested(depth) {
  let value = [];
  for (let level = 1; level < depth; level += 1) value = [value];
  return value;
}

test("a message that is not an object gives a violation that names its type", () => {
  for (const [value, actual] of [
    [null, "null"],
    [undefined, "null"],
    [() => {}, "null"],
    [Symbol("x"), "null"],
    [NaN, "null"],
    ["x", "a string"],
    ["\ud800", "a string"],
    [7, "a number"],
    [true, "a boolean"],
    [7n, "a BigInt"],
    [[], "an array"],
    [nested(10_000), "an array"],
    [new Date(0), "a string"],
  ]) {
    assert.deepEqual(violations(value), [`invalid_type  ${String(actual)}`]);
  }
});

test("a cycle is a violation at its path", () => {
  const cyclic = { ...message };
  cyclic.extra = { inside: [cyclic] };
  assert.deepEqual(violations(cyclic), [
    "unknown_field /extra",
    "invalid_type /extra/inside/0 an object that holds itself",
  ]);
  assert.throws(() => flowdock.encode(cyclic), { code: "invalid_message" });
});

test("an object that occurs twice is not a cycle", () => {
  const shared = { a: 1 };
  assert.deepEqual(behindUnknownKey([shared, shared]), []);
});

test("getters, toJSON functions and proxies that throw are violations at their paths", () => {
  const boom = () => {
    throw new Error("boom");
  };
  const throwing = "invalid_type /extra a value that throws when it is read";
  assert.deepEqual(
    violations(Object.defineProperty({ ...message }, "extra", { get: boom, enumerable: true })).slice(1),
    [throwing],
  );
  assert.deepEqual(behindUnknownKey({ toJSON: boom }), [throwing]);
  assert.deepEqual(behindUnknownKey(new Proxy({}, { ownKeys: boom })), [throwing]);
  assert.deepEqual(behindUnknownKey(new Proxy([], { get: boom })), [throwing]);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.deepEqual(behindUnknownKey(proxy), [throwing]);
  assert.deepEqual(
    violations(Object.defineProperty({}, "event", { get: boom, enumerable: true }))[0],
    throwing.replace("extra", "event"),
  );
});

test("values nested in 128 levels are accepted, deeper ones are refused", () => {
  // The message itself is the first level.
  assert.deepEqual(behindUnknownKey(nested(127)), []);
  const [deep, ...rest] = behindUnknownKey(nested(128));
  assert.match(deep, /^invalid_type \/extra(\/0){127} a value nested deeper than 128 levels$/);
  assert.deepEqual(rest, []);
  assert.equal(behindUnknownKey(nested(10_000)).length, 1);
});

test("arrays with an odd length are written like JSON.stringify writes them", () => {
  const lying = (length) => new Proxy([1], { get: (target, key) => (key === "length" ? length : target[key]) });
  for (const [length, expected] of [
    [-1, []],
    [1.5, [1]],
    ["1", [1]],
    [NaN, []],
  ]) {
    const value = { ...message, extra: lying(length) };
    assert.equal(flowdock.encode(value), JSON.stringify({ ...message, extra: expected }));
  }
  assert.deepEqual(behindUnknownKey(lying(Symbol("x"))), ["invalid_type /extra a value that throws when it is read"]);
});

test("a message that is too long gives a violation at the value that exceeds the limit", () => {
  const tooLarge = "a value of more than 16 million characters";
  const half = "x".repeat(2 ** 23);
  assert.deepEqual(behindUnknownKey([half, half]), [`invalid_type /extra/1 ${tooLarge}`]);
  const [cut, ...rest] = behindUnknownKey(new Array(2 ** 25));
  assert.match(cut, /^invalid_type \/extra\/33554\d\d a value of more than 16 million characters$/);
  assert.deepEqual(rest, []);
  assert.deepEqual(behindUnknownKey({ [half + half]: 1 }), [`invalid_type /extra/ ${tooLarge}`]);
  // The violation is also there if the BigInt makes the package read the whole value a second time.
  const named = ["invalid_type /extra/0 a BigInt", `invalid_type /extra/2 ${tooLarge}`];
  assert.deepEqual(behindUnknownKey([1n, half, half]), named);
  assert.throws(() => flowdock.escapeHtml(`${half}${half}x`), { code: "invalid_option" });
  assert.throws(() => flowdock.checkTitle(`${half}${half}x`), {
    code: "invalid_option",
    message: `\`html\` must be a string, not ${tooLarge}`,
  });
});

test("where the text was cut, a builder names the value, and no key counts as missing", () => {
  const big = "x".repeat(2 ** 24);
  const parts = { title: "x", external_thread_id: "1", author: { name: "y" }, thread: { title: "t" } };
  const refused = (call) => {
    try {
      call();
    } catch (error) {
      return error.violations.map(({ code, path }) => `${code} ${path}`);
    }
  };
  assert.deepEqual(
    refused(() => flowdock.activity({ ...parts, author: { name: big } })),
    ["invalid_type /author/name"],
  );
  assert.deepEqual(
    refused(() => flowdock.activity({ ...parts, tags: ["a", big] })),
    ["invalid_type /tags/1"],
  );
  assert.deepEqual(
    refused(() => flowdock.activity({ ...parts, title: big })),
    ["invalid_type /title"],
  );
  const fields = [{ label: big }];
  assert.deepEqual(
    refused(() => flowdock.thread({ title: "t", fields })),
    ["invalid_type /fields/0/label"],
  );
  assert.deepEqual(violations({ event: "message", xx: big, content: "hi" }), [
    "unknown_field /xx",
    "invalid_type /xx a value of more than 16 million characters",
  ]);
});

test("a value whose JSON is a string is HTML like a string", () => {
  assert.equal(flowdock.sanitizeBody({ toJSON: () => "<b>x<script>" }), "<b>x</b>");
  assert.equal(flowdock.sanitizeTitle(Object("<b>x</b>")), "x");
  assert.equal(flowdock.checkTitle(Object("<b>x</b>"))[0].code, "html_tag_not_allowed");
});

test("where a page has given arrays a toJSON, no token is shown, no uuid comes twice and no template is empty", async () => {
  const bodies = [];
  const fetch = async (_url, { body }) => {
    bodies.push(JSON.parse(body));
    return new Response('{ "message": "bad token 0123456789abcdef here" }', { status: 422 });
  };
  const client = new flowdock.Client({ baseUrl: "http://127.0.0.1:8081", flowToken: "0123456789abcdef", fetch });
  const rejections = [];
  Reflect.set(Array.prototype, "toJSON", () => "an array");
  try {
    for (const content of ["x", "y"]) {
      await client.post({ event: "message", content }).catch((error) => rejections.push(error));
    }
    assert.throws(() => flowdock.html`<b>${"x"}</b>`, { code: "invalid_option" });
  } finally {
    Reflect.deleteProperty(Array.prototype, "toJSON");
  }
  assert.notEqual(bodies[0].uuid, bodies[1].uuid);
  for (const { code, message } of rejections) {
    assert.equal(code, "rejected");
    assert.doesNotMatch(message, /0123456789abcdef/);
  }
});

test("validateJson gives the position of each violation in the text", () => {
  const text = '{\n  "event": "message",\n  "content": "é😀 <b>x</b>", "id": 1,\n  "thread": { "title": "<b>" }\n}';
  const { valid, violations } = flowdock.validateJson(text);
  assert.equal(valid, false);
  assert.deepEqual(
    violations.map(({ code, at }) => `${at.line}:${at.column} ${code}`),
    ["3:14 html_in_plain_text", "3:30 read_only", "4:25 html_tag_not_allowed", "1:1 required_one_of"],
  );
  for (const { at } of violations) {
    const before = text.slice(0, at.offset).split("\n");
    assert.deepEqual([at.line, at.column], [before.length, before.at(-1).length + 1]);
  }
  assert.deepEqual(flowdock.validateJson(JSON.stringify(message)), { valid: true, violations: [] });
  assert.deepEqual(flowdock.validateJson('{"event":}').violations, [
    {
      path: "",
      code: "invalid_json",
      severity: "error",
      message: "is no JSON: expected a value",
      at: { offset: 9, line: 1, column: 10 },
    },
  ]);
  assert.equal(flowdock.validateJson('{"event":"message","event":"activity"}').violations[0].code, "duplicate_key");
  // The marks with which the package passes JavaScript values to its module are invalid in a caller's text.
  assert.equal(flowdock.validateJson('{"event":!b}').violations[0].code, "invalid_json");
  for (const wrong of [undefined, {}, 7, "x".repeat(2 ** 24 + 1)]) {
    assert.throws(() => flowdock.validateJson(wrong), { code: "invalid_option" });
  }
  assert.throws(() => flowdock.validateJson("{}", { thred: "optional" }), { code: "invalid_option" });
});

test("a report lists a thousand violations, and always an error if there is one", () => {
  const many = { ...message, ...Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, 1])) };
  assert.equal(flowdock.validate(many).violations.length, 1_000);
  assert.equal(flowdock.validate(many).valid, true);
  const wrong = { ...many, thread: { title: 1 } };
  assert.equal(flowdock.validate(wrong).violations.length, 1_001);
  assert.equal(flowdock.validate(wrong).valid, false);
  const fields = Array.from({ length: 5_000 }, () => 1);
  assert.throws(
    () => flowdock.encode({ ...message, thread: { title: "x", fields } }),
    (/** @type {any} */ error) => error.message.length < 1_000,
  );
});

test("a BigInt is a violation at its path", () => {
  assert.deepEqual(behindUnknownKey({ a: [1n] }), ["invalid_type /extra/a/0 a BigInt"]);
});

test("half of a surrogate pair is a warning at its path, and U+FFFD is sent", () => {
  const cut = "Release 🎉".slice(0, 9);
  const activity = {
    event: "activity",
    title: cut,
    author: { name: "\udc00x" },
    external_thread_id: "1",
    thread: { title: "x" },
    tags: ["a", "\ud800"],
  };
  const { valid, violations } = flowdock.validate({ ...activity, "b\ud800": { c: ["\ud800"] } });
  assert.equal(valid, true);
  assert.deepEqual(
    violations.map(({ code, severity, path }) => `${severity} ${code} ${path}`),
    [
      "warning not_well_formed /title",
      "warning not_well_formed /author/name",
      "warning not_well_formed /tags/1",
      "warning not_well_formed /b\ufffd",
      "warning unknown_field /b\ufffd",
      "warning not_well_formed /b\ufffd/c/0",
    ],
  );
  assert.match(flowdock.encode(activity), /"title":"Release \ufffd","author":{"name":"\ufffdx"}/);
  assert.equal(flowdock.activity({ ...activity, author: cut }).author.name, "Release \ufffd");
  // The other rules still apply to the text.
  assert.equal(flowdock.validate({ ...activity, title: "<b>\ud800" }).valid, false);
  assert.deepEqual(
    flowdock.validate({ ...message, content: "\ud83d" }).violations.map(({ code }) => code),
    ["not_well_formed"],
  );
  assert.deepEqual(flowdock.validate({ ...message, uuid: undefined, content: "🎉" }).violations, []);
});

test("half of a surrogate pair in HTML is shown as U+FFFD", () => {
  const cut = "Release 🎉".slice(0, 9);
  assert.equal(flowdock.escapeHtml(cut), "Release \ufffd");
  assert.equal(flowdock.sanitizeTitle(cut), "Release \ufffd");
  assert.equal(flowdock.sanitizeBody(`<b>${cut}`), "<b>Release \ufffd</b>");
  assert.equal(String(flowdock.html`<b>${cut}</b>${["\ud83d", "\ude00"]}`), "<b>Release \ufffd</b>\ufffd\ufffd");
  assert.deepEqual(flowdock.checkTitle(cut), []);
  assert.deepEqual(flowdock.checkBody(cut), []);
});

test("encode sends what JSON.stringify writes for a value", () => {
  // biome-ignore lint/suspicious/noSparseArray: this tests the hole
  const sparse = [1, , 3];
  class Item {
    constructor() {
      this.a = 1;
    }
    get b() {
      return 2;
    }
  }
  for (const extra of [
    undefined,
    null,
    NaN,
    Infinity,
    -0,
    1e21,
    1e-7,
    0.1 + 0.2,
    2 ** 53,
    'é😀\u2028\u0000"\\',
    () => 1,
    Symbol("x"),
    [undefined, () => 1, Symbol("x"), null],
    sparse,
    new Date(0),
    new Map([[1, 2]]),
    new Set([1]),
    new Item(),
    /x/,
    new Error("x"),
    Object(1),
    Object("x"),
    Object(true),
    Object.assign(Object("x"), { toString: () => "y" }),
    runInNewContext("Object('x')"),
    runInNewContext("[Object(1), Object(true), new Date(0), /x/]"),
    { [Symbol.toStringTag]: "Number" },
    Object.create(Number.prototype),
    Object.assign(() => 1, { toJSON: () => "a function" }),
    { toJSON: (key) => `as ${key}` },
    [{ toJSON: (key) => typeof key + key }],
    { a: undefined, b: 1 },
    Object.create({ inherited: 1 }),
    new Uint8Array([1, 2]),
    { "": { "": 1 } },
    { 2: 1, 1: 2, a: 3 },
    JSON.parse('{"__proto__": {"a": 1}}'),
    new Date(NaN),
  ]) {
    const value = { ...message, extra };
    assert.equal(flowdock.encode(value), JSON.stringify(value));
  }
});

test("encode writes a large message like JSON.stringify", () => {
  const fields = Array.from({ length: 2_000 }, (_, index) => ({ label: `é${index}`, value: "x".repeat(500) }));
  const large = { ...message, thread: { title: "x", fields } };
  assert.equal(flowdock.encode(large), JSON.stringify(large));
});

test("arguments of the wrong type give `invalid_option`", () => {
  for (const call of [
    () => flowdock.checkTitle(42),
    () => flowdock.escapeHtml(null),
    () => flowdock.validate(message, { thred: "optional" }),
    () => flowdock.validate(message, { thread: "maybe" }),
    () => flowdock.validate(message, { thread: 1 }),
    () => flowdock.validate(message, "optional"),
    () => flowdock.validate(message, ["optional"]),
    () =>
      flowdock.validate(message, {
        get thread() {
          throw new Error("boom");
        },
      }),
    () =>
      flowdock.validate(
        message,
        new Proxy(
          {},
          {
            ownKeys() {
              throw new Error("boom");
            },
          },
        ),
      ),
    () => flowdock.activity({}, { thread: "maybe" }),
  ]) {
    assert.throws(
      call,
      (/** @type {any} */ error) => error instanceof flowdock.FlowdockError && error.code === "invalid_option",
    );
  }
  assert.throws(() => flowdock.encode(message, { thred: "optional" }), {
    message: "`thred` is not a known option, did you mean `thread`",
  });
});

test("options in Object.prototype are ignored", () => {
  /** @type {any} */
  const { prototype } = Object;
  prototype.thread = "optional";
  try {
    assert.equal(
      flowdock.validate({ event: "activity", title: "x", author: { name: "y" }, thread_id: "1" }, {}).valid,
      false,
    );
  } finally {
    delete prototype.thread;
  }
});

test("ten thousand exceptions in the caller's code do no harm", () => {
  const boom = () => {
    throw new Error("boom");
  };
  const options = new Proxy({}, { ownKeys: boom });
  for (let index = 0; index < 10_000; index += 1) {
    assert.throws(() => flowdock.validate(message, options), { code: "invalid_option" });
    flowdock.validate({ toJSON: boom });
  }
});

test("the error for an unknown key suggests the key that was probably meant", () => {
  assert.throws(() => flowdock.chatMessage({ contents: "x", external_thread_id: "1" }), {
    message:
      "the message breaks a rule: /content: can't be blank; /contents: is not a known key, did you mean `/content`",
  });
});

test("checkTitle gives offsets in UTF-16 code units, and escapeHtml escapes five characters", () => {
  assert.deepEqual(flowdock.checkTitle("plain 1 < 2"), []);
  const [violation] = flowdock.checkTitle("é😀<b>x</b>");
  assert.deepEqual(
    [violation.code, violation.offset, violation.length, violation.actual],
    ["html_tag_not_allowed", 3, 3, "b"],
  );
  assert.equal(flowdock.escapeHtml(`<a href="x">'&'</a>`), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
});
