// Makes JavaScript values by a seed: the same seed makes the same value anew, which matters because reading some of
// them changes them. Whatever code of a value is run by a read is noted.

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

/** What makes one value. All that is random is drawn while it is made, nothing while it is read. */
export class Maker {
  /** The reads by code of the value, in their order. */
  reads = [];
  /** The objects that are being made; what is made stands inside these. */
  around = [];
  #state;
  #depth = 0;
  #counts;

  /**
   * @param {number} seed Makes the value what it is.
   * @param {boolean} marked Whether it gives `MARK` where it would throw.
   * @param {Map<string, number>} [counts] Counts the kinds.
   */
  constructor(seed, marked = false, counts = new Map()) {
    this.#state = Math.imul(seed, 0x9e3779b1);
    this.marked = marked;
    this.#counts = counts;
    // What is refused stands in every third value only, or hardly anything would be sent.
    this.mayRefuse = seed % 3 === 0;
  }

  /** A whole number from 0 to below `end` (mulberry32). */
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

  /** A value of any kind. */
  value(kinds = this.mayRefuse ? allKinds : sentKinds) {
    const [name, make] = this.pick(kinds);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#depth += 1;
    const value = make(this);
    this.#depth -= 1;
    return value;
  }

  /** A value inside another one. */
  inner() {
    return this.#depth < 4 && this.below(3) > 0 ? this.value() : this.leaf();
  }

  leaf() {
    return this.value(leaves);
  }

  /** What cannot stand anywhere. */
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

  /** Sets a key, `__proto__` like any other. */
  set(object, key, value) {
    return Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }

  define(object, key, get) {
    return Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
  }

  /** Gives an object some more keys. */
  object(object) {
    this.around.push(object);
    for (let count = this.below(4); count > 0; count -= 1) this.set(object, this.key(), this.inner());
    this.around.pop();
    return object;
  }

  maybeMore(object) {
    return this.chance(3) ? this.object(object) : object;
  }

  /** Gives an array so many items; when they are very many, they are small. */
  fill(array, length) {
    this.around.push(array);
    for (let index = 0; index < length; index += 1) array.push(length < 10 ? this.inner() : index % 7 ? index : "é");
    this.around.pop();
    return array;
  }

  /** A getter that gives something else each time, and may change the object while it is read. */
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
        // The function is got anew each time.
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

  /** What a value does as it is, and what when it is marked. */
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
   * The first at the first call, the second from then on. What is refused is read a second time, and must then be what it was: so in a
   * value that may be refused it is the first for ever.
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

  /** A function whose calls are noted, with what they are given. */
  noted(name, run) {
    const { reads } = this;
    return function (...given) {
      reads.push([name, ...given].join(" "));
      return run.apply(this, given);
    };
  }

  /** Passes everything on, and notes what JSON.stringify asks for. */
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
