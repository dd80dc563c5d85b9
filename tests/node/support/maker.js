// Makes JavaScript values by a seed. Equal seeds make equal values, because some values change when they are read and must be made again. A
// maker records each call of a value's own code, such as a getter.

import { always, MARK, refusals, refused, sent } from "./kinds.js";

const sentKinds = Object.entries(sent);
const allKinds = [...sentKinds, ...Object.entries(refused)];
const leaves = sentKinds.slice(0, 7);
/** @type {any[]} */
const refusedLeaves = refusals.map((name) => [name, refused[name]]);

const words = ["a", "b", "title", "content", "event", "thread", "fields", "name", "id", "url", "value", "color"];
const oddKeys = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "toJSON",
  "extra",
  "@type",
  "é",
  "日本",
  "😀",
  "\u2028",
  "\u0000",
  "\n",
  '"',
  "\\",
  "/",
  "~",
  "~1",
  "a/b~c",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "-1",
  "01",
  "1.5",
  "4294967294",
  "4294967295",
  "4294967296",
  "1e3",
];
const pieces = [
  "x",
  "some text",
  "1",
  " ",
  "",
  '"',
  "\\",
  "/",
  "</script>",
  "\n\r\t\b\f",
  "\u0000",
  "\u001f",
  "\u007f",
  "\u0080",
  "é",
  "ß",
  "日本語",
  "עברית",
  "e\u0301",
  "😀",
  "👩‍👩‍👧",
  "𝒳",
  "\u{10ffff}",
  "\u2028",
  "\u2029",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "\ud7ff",
  "\ue000",
  "\\ud83d",
  "null",
  "{}",
];
const numbers = [
  0,
  -0,
  1,
  -1,
  42,
  0.1,
  -0.5,
  0.1 + 0.2,
  1e-7,
  1e-6,
  123456789.123,
  1e20,
  1e21,
  1e22,
  -1e21,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.EPSILON,
  5e-324,
  2.2250738585072014e-308,
];

class Prototyped {
  constructor(json) {
    Object.defineProperty(this, "json", { value: json });
    this.own = "not sent";
  }
  toJSON(key) {
    return /** @type {any} */ (this).json(key);
  }
}

/** Makes one value. All random choices are made while the value is made, none while it is read. */
export class Maker {
  /** The calls of the value's own code, in order. */
  reads = [];
  /** The objects that are being made, outermost first. The next value is made inside them. */
  around = [];
  #state;
  #depth = 0;
  #counts;

  /**
   * @param {number} seed The seed of all random choices.
   * @param {boolean} marked Whether the value gives `MARK` instead of throwing.
   * @param {Map<string, number>} [counts] Counts how often each kind is made.
   */
  constructor(seed, marked = false, counts = new Map()) {
    this.#state = Math.imul(seed, 0x9e3779b1);
    this.marked = marked;
    this.#counts = counts;
    // Only every third value may contain refused kinds, or hardly any value would be sent.
    this.mayRefuse = seed % 3 === 0;
  }

  /** Returns a whole number from 0 to below `end` (mulberry32). */
  below(end) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  chance(oneIn) {
    return this.below(oneIn) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Makes a value of any kind. */
  value(kinds = this.mayRefuse ? allKinds : sentKinds) {
    const [name, make] = this.pick(kinds);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#depth += 1;
    const value = make(this);
    this.#depth -= 1;
    return value;
  }

  /** Makes a value inside another one. */
  inner() {
    return this.#depth < 4 && this.below(3) > 0 ? this.value() : this.leaf();
  }

  leaf() {
    return this.value(leaves);
  }

  /** Makes a value that no message may contain. */
  refusal() {
    return this.value(refusedLeaves);
  }

  text() {
    if (this.chance(500)) return this.pick(pieces).repeat(2_000);
    return Array.from({ length: this.below(4) }, () => this.pick(pieces)).join("");
  }

  number() {
    switch (this.below(4)) {
      case 0:
        return this.pick(numbers);
      case 1:
        return this.below(2_000) - 1_000;
      case 2:
        return (this.below(2 ** 32) - 2 ** 31) / 10 ** this.below(30);
      default: {
        const [any] = new Float64Array(Uint32Array.of(this.below(2 ** 32), this.below(2 ** 32)).buffer);
        return Number.isFinite(any) ? any : 0;
      }
    }
  }

  key() {
    return this.chance(2) ? this.pick(words) : this.chance(3) ? String(this.below(30)) : this.pick(oddKeys);
  }

  length() {
    return this.chance(300) ? 3_000 : this.below(4);
  }

  /** Sets a key. `__proto__` becomes an ordinary key. */
  set(object, key, value) {
    return Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }

  define(object, key, get) {
    return Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
  }

  /** Adds some keys to an object. */
  object(object) {
    this.around.push(object);
    for (let count = this.below(4); count > 0; count -= 1) this.set(object, this.key(), this.inner());
    this.around.pop();
    return object;
  }

  maybeMore(object) {
    return this.chance(3) ? this.object(object) : object;
  }

  /** Adds `length` items to an array. The items of a long array are small. */
  fill(array, length) {
    this.around.push(array);
    for (let index = 0; index < length; index += 1) array.push(length < 10 ? this.inner() : index % 7 ? index : "é");
    this.around.pop();
    return array;
  }

  /** Defines a getter that gives another value at each read, and may change the object. */
  getter(object, key) {
    const give = this.countdown(this.inner(), this.leaf());
    const [victim, value] = [this.key(), this.leaf()];
    const act = this.mayRefuse ? undefined : this.below(6);
    this.define(
      object,
      key,
      this.noted(`get ${key}`, function () {
        if (act === 0 && victim !== key) Reflect.deleteProperty(this, victim);
        if (act === 1) Reflect.defineProperty(this, "added", { value, enumerable: true, configurable: true });
        if (act === 2 && Array.isArray(this)) this.length += 2;
        return give();
      }),
    );
  }

  withToJson(json) {
    switch (this.below(4)) {
      case 0:
        return this.set(this.object({}), "toJSON", json);
      case 1:
        return Object.assign(new Date(0), { toJSON: json });
      case 2: {
        // The getter gives another function at the second read.
        const get = this.noted(
          "get toJSON",
          this.countdown(json, () => "got twice"),
        );
        return Object.defineProperty({}, "toJSON", { get });
      }
      default:
        return new Prototyped(json);
    }
  }

  /** Makes a function that throws, or, in a marked value, returns `MARK`. */
  boom() {
    if (this.marked) return () => MARK;
    return () => {
      throw new Error("boom");
    };
  }

  orMark(value) {
    return this.marked ? MARK : value;
  }

  /**
   * Makes a function that returns `first` at the first call and `then` at later calls. The package reads a refused value a second time and
   * must find it unchanged, so in a value that may be refused the function always returns `first`.
   */
  countdown(first, then) {
    if (this.mayRefuse) return always(first);
    let called = false;
    return () => {
      if (called) return then;
      called = true;
      return first;
    };
  }

  /** Makes a function that records its calls and their arguments. */
  noted(name, run) {
    const { reads } = this;
    return function (...given) {
      reads.push([name, ...given].join(" "));
      return run.apply(this, given);
    };
  }

  /** Makes a proxy that forwards to its target, and records the operations that JSON.stringify uses. */
  proxy(target) {
    const { reads } = this;
    return new Proxy(target, {
      get(target, key) {
        if (typeof key === "string") reads.push(`[[Get]] ${key}`);
        return Reflect.get(target, key);
      },
      ownKeys(target) {
        reads.push("[[OwnPropertyKeys]]");
        return Reflect.ownKeys(target);
      },
    });
  }
}
