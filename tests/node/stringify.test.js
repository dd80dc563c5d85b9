// Compares `encode` with JSON.stringify on generated values. The body must equal the text of JSON.stringify. A value that JSON.stringify
// refuses must give a violation at its path, as docs/values.md says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { types } from "node:util";
import * as flowdock from "flowdock-integration";
import { MARK, refused, sent } from "./support/kinds.js";
import { Maker } from "./support/maker.js";
import { whole } from "./support/whole.js";

const VALUES = 100_000;
const MESSAGES = 5_000;
const kinds = Object.keys({ ...sent, ...refused });
const counts = new Map();

/** Makes a message with a generated value under an unknown key. */
function withExtra(make) {
  const message = { event: "message", content: "x", external_thread_id: "1" };
  make.around.push(message);
  message.extra = make.value();
  return message;
}

/** Returns the text of JSON.stringify, or the error that it throws. */
function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return error;
  }
}

function encode(value) {
  try {
    return flowdock.encode(value);
  } catch (error) {
    return error;
  }
}

/** Lists the path and name of each part of a marked value that cannot be sent, in the order in which JSON.stringify walks. */
function refusals(marked) {
  const found = [];
  /** The objects around the value, outermost first, each with its path. */
  const around = [];
  JSON.stringify(marked, function (key, value) {
    // The walk has left the objects deeper than the holder.
    while (around.length > 0 && around.at(-1).value !== this) around.pop();
    const holder = around.at(-1) ?? { value: this, path: "" };
    if (around.length === 0) around.push({ ...holder, path: undefined });
    const path = holder.path === undefined || around.length === 1 ? "" : `${holder.path}/${escaped(key)}`;
    const refuse = (name) => {
      found.push(`${path} ${name}`);
      return null;
    };
    if (value === MARK) return refuse("a value that throws when it is read");
    if (typeof value === "bigint" || types.isBigIntObject(value)) return refuse("a BigInt");
    if (typeof value !== "object" || value === null || types.isBoxedPrimitive(value)) return value;
    if (around.slice(1).some((outer) => outer.value === value)) return refuse("an object that holds itself");
    if (around.length - 1 === 128) return refuse("a value nested deeper than 128 levels");
    around.push({ value, path });
    return value;
  });
  return found;
}

function escaped(key) {
  return key.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Replaces each escaped half of a surrogate pair in a text of JSON.stringify by U+FFFD. */
function wellFormed(json) {
  if (typeof json !== "string") return json;
  return json.replaceAll(/\\(?:u(d[89a-f][0-9a-f]{2})|[\s\S])/g, (written, half) => (half ? "\ufffd" : written));
}

function lines(list) {
  return list.join("\n");
}

/** Makes one value three times, compares `encode` with JSON.stringify, and returns whether the value is sent. */
function compare(seed, made) {
  const [ours, theirs, marked] = [new Maker(seed, false, counts), new Maker(seed), new Maker(seed, true)];
  const expected = wellFormed(stringify(made(theirs)));
  const found = marked.mayRefuse ? refusals(made(marked)) : [];
  const body = encode(made(ours));
  const about = `seed ${seed}`;
  if (found.length === 0) {
    if (body !== expected) assert.equal(body, expected, about);
    assert.equal(lines(ours.reads), lines(theirs.reads), about);
    return true;
  }
  assert.ok(body instanceof flowdock.FlowdockError && body.code === "invalid_message", about);
  const errors = body.violations.filter(({ severity }) => severity === "error");
  const told = errors.map(({ code, path, actual }) => `${code} ${path} ${actual}`);
  assert.equal(lines(told), lines(found.map((line) => `invalid_type ${line}`)), about);
  // JSON.stringify has no limit of depth, so it may still give a text. If it throws, the package reads the whole value a second time.
  if (typeof expected === "string") {
    assert.ok(
      found.every((line) => /deeper/.test(line)),
      about,
    );
    assert.equal(lines(ours.reads), lines(theirs.reads), about);
  } else {
    assert.equal(lines(ours.reads), lines([...theirs.reads, ...marked.reads]), about);
  }
  return false;
}

test("docs/values.md lists the kinds of values for which the package differs from JSON.stringify", () => {
  const document = readFileSync(new URL("../../docs/values.md", import.meta.url), "utf8");
  const rows = [...document.matchAll(/^\| ([^|]+?) *\|/gm)].map(([, name]) => name);
  const listed = rows.filter((name) => !/^(value|-+)$/.test(name));
  assert.deepEqual(listed.sort(), [...Object.keys(refused), "lone surrogate", "lone surrogate in a key"].sort());
});

test("encode sends or refuses generated values under an unknown key as JSON.stringify does", () => {
  let count = 0;
  for (let seed = 0; seed < VALUES; seed += 1) count += Number(!compare(seed, withExtra));
  assert.ok(count > VALUES / 20 && count < VALUES / 2, `${count} refused`);
  for (const name of kinds) assert.ok(counts.get(name) >= VALUES / 200, `${name}: ${counts.get(name)}`);
});

test("encode sends or refuses whole generated messages as JSON.stringify does", () => {
  let count = 0;
  for (let seed = 0; seed < MESSAGES; seed += 1) count += Number(!compare(seed, whole));
  assert.ok(count > MESSAGES / 20 && count < MESSAGES / 2, `${count} refused`);
});

test("a getter or a toJSON may call the package itself", () => {
  const inside = [];
  const message = { event: "message", content: "é", external_thread_id: "1" };
  const call = () => {
    inside.push(
      flowdock.encode({ ...plain, extra: [plain, "日本😀"] }),
      flowdock.validate({ ...plain, content: "\ud83d" }).violations[0].path,
      flowdock.checkTitle("é<b>")[0].offset,
      flowdock.escapeHtml("<"),
      flowdock.chatMessage({ content: "x", external_thread_id: "1", tags: ["A"] }).tags[0],
    );
    assert.throws(() => flowdock.encode({ ...message, extra: { toJSON: () => 1n } }), { code: "invalid_message" });
    return "\ude00 after";
  };
  const plain = { ...message };
  const json = {
    toJSON: (key) =>
      flowdock.encode({
        ...plain,
        extra: {
          get deeper() {
            return [call().length, key];
          },
        },
      }),
  };
  const make = () => {
    const extra = {
      before: "😀",
      get own() {
        return call().slice(1);
      },
      json,
      list: [json, "\u2028"],
      last: 1,
    };
    return {
      ...message,
      get uuid() {
        return `u${call().length}`;
      },
      extra,
    };
  };
  const expected = JSON.stringify(make());
  const wanted = inside.splice(0);
  assert.equal(flowdock.encode(make()), expected);
  assert.deepEqual(inside, wanted);
  const encoded = JSON.stringify({ ...plain, extra: [plain, "日本😀"] });
  assert.deepEqual(inside.slice(0, 5), [encoded, "/content", 1, "&lt;", "a"]);
  const extra = {
    get a() {
      return call();
    },
    get b() {
      return fail();
    },
    c: 1n,
  };
  const report = flowdock.validate({ ...message, extra });
  assert.deepEqual(
    report.violations.slice(1).map(({ path, actual }) => `${path} ${actual}`),
    ["/extra/a undefined", "/extra/b a value that throws when it is read", "/extra/c a BigInt"],
  );
});

test("a getter of a message may encode the message itself", () => {
  let inside = false;
  const message = {
    event: "message",
    content: "x",
    external_thread_id: "1",
    get extra() {
      if (inside) return "inside";
      inside = true;
      try {
        return flowdock.encode(message);
      } finally {
        inside = false;
      }
    },
  };
  const expected = JSON.stringify({ ...message, extra: JSON.stringify({ ...message, extra: "inside" }) });
  assert.equal(flowdock.encode(message), expected);
});

test("a toJSON or a proxy of the message itself may call the package", () => {
  const message = {
    event: "activity",
    title: "x",
    author: { name: "y" },
    external_thread_id: "1",
    thread: { title: "x" },
  };
  // Larger than half of the limit: if the size were counted twice, the limit would be exceeded.
  const large = { ...message, body: "x".repeat(9_000_000) };
  const inside = {
    toJSON() {
      flowdock.validate(large);
      return large;
    },
  };
  assert.deepEqual(flowdock.validate(inside), { valid: true, violations: [] });
  // If the nested call left state behind, the outer call would report a cycle.
  const again = {
    ownKeys() {
      flowdock.validate(message);
      return Reflect.ownKeys(message);
    },
  };
  assert.equal(flowdock.encode(new Proxy(message, again)), JSON.stringify(message));
});

test("a call that fails inside a getter does not disturb the outer call", () => {
  const message = { event: "message", content: "x", external_thread_id: "1" };
  const { encodeInto } = TextEncoder.prototype;
  const full = () => {
    throw new RangeError("Maximum call stack size exceeded");
  };
  const make = (inside) => ({
    ...message,
    get extra() {
      return inside() ?? "é";
    },
    last: ["😀"],
  });
  const inside = () => {
    // A stack can overflow anywhere. Here it does so in the middle of a call.
    TextEncoder.prototype.encodeInto = full;
    try {
      assert.throws(() => flowdock.encode({ ...message, content: "inner" }), RangeError);
    } finally {
      TextEncoder.prototype.encodeInto = encodeInto;
    }
  };
  assert.equal(flowdock.encode(make(inside)), JSON.stringify(make(() => "é")));
});

test("odd toJSON functions, lengths and boxed values are handled", () => {
  const sent = (extra) => flowdock.encode({ event: "message", content: "x", external_thread_id: "1", extra });
  const refusal = { code: "invalid_message", message: /\/extra: a value that throws when it is read/ };
  const own = { toJSON: Object.assign(() => "itself", { call: () => 2, apply: () => 2 }) };
  assert.match(sent(own), /"extra":"itself"}$/);
  assert.throws(() => sent(new Proxy([1], { get: (target, key) => (key === "length" ? 1n : target[key]) })), refusal);
  assert.throws(() => sent(Object.assign(Object(1), { valueOf: () => 1n })), refusal);
});

for (const [what, make] of /** @type {any[][]} */ ([
  ["a boxed value that calls itself something else", () => Object.assign(Object(1), { [Symbol.toStringTag]: "x" })],
  ["a boxed value with the prototype of a plain object", () => Object.setPrototypeOf(Object(1), Object.prototype)],
  ["a Symbol.toStringTag that throws", () => Object.create(null, { [Symbol.toStringTag]: { get: () => fail() } })],
  ["a proxy trap that JSON.stringify does not call", () => new Proxy({ a: 1 }, { getPrototypeOf: () => fail() })],
])) {
  test(`encode writes ${what} like JSON.stringify`, () => {
    const message = () => ({ event: "message", content: "x", external_thread_id: "1", extra: make() });
    assert.equal(encode(message()), stringify(message()));
  });
}

test("halves of a surrogate pair in two adjacent strings do not become a pair", () => {
  for (const [extra, path] of [
    [{ a: "\ud83d", "\ude00b": 1 }, "/extra/\ufffdb"],
    [{ "a\ud83d": "\ude00" }, "/extra/a\ufffd"],
  ]) {
    const { violations } = flowdock.validate({ event: "message", content: "x", external_thread_id: "1", extra });
    assert.equal(violations.at(-1).path, path);
    const sent = flowdock.encode({ event: "message", content: "x", external_thread_id: "1", extra });
    assert.equal(sent, wellFormed(JSON.stringify({ event: "message", content: "x", external_thread_id: "1", extra })));
  }
});

/** @returns {never} */
function fail() {
  throw new Error("boom");
}
