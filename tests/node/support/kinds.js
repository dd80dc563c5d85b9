// Kinds of JavaScript values, each with a function that makes a value of the kind. docs/values.md lists those that are refused.
//
// Some values throw when they are read. In a *marked* value they give `MARK` instead, so that a walk with a replacer goes on and finds the
// path.

import { runInNewContext } from "node:vm";

/** Replaces, in a marked value, each part that would throw when it is read. */
export const MARK = Object.freeze({ mark: true });

const foreign = runInNewContext("({ Object, Array, Date, Map, RegExp, Error, Uint8Array })");

const halves = [
  "x\ud800y",
  "\udbff.",
  "é\udc00x",
  "\ufffd\ud800 \ud800 \udfff\ufffd",
  "\ud83d\ud83d\ude00",
  "\ud83d",
  "\ude00",
];
const brokenKeys = ["a\ud800b", "\udbff.", "é\udc00", "\ud83d😀", "\ud83d", "\ude00"];

class Plain {
  field = 1;
  #hidden = 2;
  get accessor() {
    return this.#hidden;
  }
  method() {}
}

/** The kinds that can be sent, by name. */
export const sent = {
  "null, true, false": (make) => make.pick([null, true, false]),
  string: (make) => make.text(),
  number: (make) => make.number(),
  "NaN, Infinity": (make) => make.pick([NaN, Infinity, -Infinity]),
  undefined: () => undefined,
  function: (make) => {
    return make.pick([() => 1, function named() {}, async () => 1, Object.assign(() => 1, { a: 1 }), Math.max]);
  },
  symbol: (make) => make.pick([Symbol("x"), Symbol.iterator, Symbol.for("x")]),
  "boxed number, string, boolean": (make) => {
    const box = make.pick([Object, foreign.Object])(make.pick([make.number(), NaN, make.text(), true, false]));
    const kind = make.below(6);
    if (kind === 0) box.extra = 1;
    if (kind === 1) box.toString = make.noted("toString", () => "as text");
    if (kind === 2) box.valueOf = make.noted("valueOf", () => 7);
    if (kind === 3) box[Symbol.toPrimitive] = make.noted("toPrimitive", (hint) => (hint === "number" ? 8 : "by hint"));
    return box;
  },
  array: (make) => {
    const array = make.pick([() => [], () => new foreign.Array(), () => new (class extends Array {})()])();
    return make.fill(array, make.length());
  },
  "sparse array": (make) => {
    const array = new Array(make.below(8));
    for (let count = make.below(3); count > 0; count -= 1) array[make.below(9)] = make.inner();
    return Object.assign(array, { named: "not sent" });
  },
  "plain object": (make) => make.object({}),
  "keys like whole numbers": (make) => {
    const object = make.object({});
    for (const key of ["b", "10", "9", "-1", "01", "a", "0", "4294967294", "4294967295"]) {
      if (make.chance(2)) object[key] = make.leaf();
    }
    return make.object(object);
  },
  "key __proto__": (make) => make.set(make.object({}), "__proto__", make.inner()),
  "null prototype": (make) => make.object(Object.create(null)),
  "class instance": (make) => make.object(new Plain()),
  "inherited, hidden and symbol keys": (make) => {
    const object = make.object(Object.create(make.object({ inherited: 1 })));
    Object.defineProperty(object, "hidden", { value: make.leaf(), enumerable: false });
    const tag = make.pick(["Number", "String", "Array", "x"]);
    return Object.assign(object, { [Symbol("x")]: 1, [Symbol.toStringTag]: tag });
  },
  "same object twice": (make) => {
    const shared = make.inner();
    return make.pick([() => [shared, shared], () => ({ a: shared, b: { c: shared } })])();
  },
  getter: (make) => {
    const object = make.pick([() => ({}), () => [1, 2, 3], () => new Plain()])();
    for (let count = 1 + make.below(3); count > 0; count -= 1) {
      make.getter(object, Array.isArray(object) ? make.below(4) : make.key());
    }
    return object;
  },
  toJSON: (make) => {
    const json = make.noted(
      "toJSON",
      make.pick([
        (key) => `as ${typeof key} ${key}`,
        always(make.inner()),
        always({ toJSON: make.noted("second toJSON", () => "not asked") }),
        always(Object(make.text())),
        make.countdown(make.leaf(), make.text()),
      ]),
    );
    return make.withToJson(json);
  },
  "toJSON that gives nothing": (make) => {
    return make.withToJson(make.noted("toJSON", always(make.pick([undefined, () => 1, Symbol("x")]))));
  },
  "toJSON that is no function": (make) => {
    return make.object(make.set(make.object({}), "toJSON", make.pick([1, "x", null, {}, undefined])));
  },
  "toJSON of a function": (make) => Object.assign(() => 1, { toJSON: make.noted("toJSON", always(make.inner())) }),
  Date: (make) => new (make.pick([Date, foreign.Date]))(make.below(2 ** 31) * make.pick([1000, -1000, 1e5])),
  "invalid Date": (make) => new (make.pick([Date, foreign.Date]))(NaN),
  "Map, Set and their like": (make) => {
    const value = make.leaf();
    const maps = [() => new Map([[1, value]]), () => new foreign.Map(), () => new WeakMap()];
    return make.maybeMore(make.pick([...maps, () => new Set([value]), () => Promise.resolve(value)])());
  },
  "RegExp, Error": (make) => {
    const errors = [() => new Error("x", { cause: 1 }), () => new TypeError("x"), () => new foreign.Error("x")];
    return make.maybeMore(make.pick([...errors, () => /x/g, () => new foreign.RegExp("x")])());
  },
  "typed array": (make) => {
    const arrays = [Uint8Array, Int16Array, Float64Array, foreign.Uint8Array].map((type) => () => type.of(1, 300, -2));
    const buffers = [() => new ArrayBuffer(4), () => new DataView(new ArrayBuffer(2)), () => Buffer.from("é")];
    return make.pick([...arrays, ...buffers])();
  },
  "arguments, Math, globals": (make) => {
    const given = /** @type {any} */ (
      function () {
        // biome-ignore lint/complexity/noArguments: this makes an arguments object
        return arguments;
      }
    )(1, "x");
    return make.pick([given, Math, JSON, Intl, Reflect]);
  },
  proxy: (make) => {
    return make.proxy(make.pick([() => make.object({}), () => make.fill([], make.length()), () => new Plain()])());
  },
  "array that lies about its length": (make) => {
    const counted = { valueOf: make.noted("valueOf", () => 2) };
    const length = make.pick([-1, 0, 1.5, 3, "2", NaN, null, undefined, true, "x", counted]);
    return new Proxy([1, "é", {}], { get: (target, key) => (key === "length" ? length : target[key]) });
  },
  "object of another realm": (make) => make.object(new foreign.Object()),
  "lone surrogate": (make) => make.pick(halves),
  "lone surrogate in a key": (make) => make.object(make.set(make.object({}), make.pick(brokenKeys), make.inner())),
};

/** The kinds that JSON.stringify or the package refuses, by their names in docs/values.md. */
export const refused = {
  BigInt: (make) => make.pick([1n, -(2n ** 70n)]),
  "boxed BigInt": (make) => make.pick([Object, foreign.Object])(7n),
  cycle: (make) => make.pick(make.around),
  "more than 128 levels": (make) => {
    let value = make.leaf();
    for (let depth = 120 + make.below(20); depth > 0; depth -= 1) value = make.chance(9) ? { é: value } : [value];
    return value;
  },
  "getter that throws": (make) => {
    const [object, key] = [make.object({}), make.key()];
    // A getter of `toJSON` belongs to the kind "toJSON that throws".
    return make.object(make.define(object, key === "toJSON" ? "a" : key, make.noted("get", make.boom())));
  },
  "toJSON that throws": (make) => {
    if (make.chance(2)) return make.withToJson(make.noted("toJSON", make.boom()));
    // In a marked value the getter gives a toJSON function that returns the mark.
    const get = make.noted("get toJSON", make.marked ? () => () => MARK : make.boom());
    return Object.defineProperty({}, "toJSON", { get });
  },
  "proxy that throws": (make) => {
    const boom = make.boom();
    const { proxy, revoke } = make.pick([() => Proxy.revocable({}, {}), () => Proxy.revocable([], {})])();
    revoke();
    const keys = new Proxy({}, { ownKeys: boom });
    const descriptors = new Proxy({ a: 1 }, { getOwnPropertyDescriptor: boom });
    return make.orMark(make.pick([proxy, keys, descriptors, new Proxy([], { get: boom })]));
  },
  "boxed value that throws": (make) =>
    make.orMark(
      make.pick([
        Object.assign(Object("x"), { toString: make.boom() }),
        Object.assign(Object(1), { valueOf: make.boom() }),
        Object.setPrototypeOf(Object("x"), null),
      ]),
    ),
};

/** The refused kinds whose value itself is refused, and not a part of it. */
export const refusals = ["BigInt", "boxed BigInt", "cycle", "proxy that throws", "boxed value that throws"];

export function always(value) {
  return () => value;
}
