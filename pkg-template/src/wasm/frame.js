// Packs JavaScript values for the way into WebAssembly: all their strings joined into one text, and a tape of numbers in
// the order of a walk through them. `src/value/frame.rs` says what stands on the tape, and reads it.
//
// A value means what JSON.stringify makes of it: toJSON is asked, undefined, functions and symbols are left out of objects
// and null in arrays, numbers that are not finite are null. Where JSON.stringify would throw or not end, the tape says what
// it found there, and the report names the place. Nothing here knows Flowdock but the list of keys that have a number.

import { KEYS } from "./keys.js";

const NULL = 0;
const TRUE = 1;
const FALSE = 2;
const NUMBER = 3;
const STRING = 4;
const ARRAY = 5;
const OBJECT = 6;
const BIGINT = 7;
const CYCLE = 8;
const THROWN = 9;
const TOO_DEEP = 10;
const TOO_LARGE = 11;

/** One in a count on the tape. */
const ONE = 16;

/** The same as MAX_DEPTH in src/value/mod.rs. */
const MAX_DEPTH = 128;

/** How many UTF-16 code units of text and numbers of tape a value may have; sixteen times what the inbox takes. */
const MAX_SIZE = 2 ** 24;

/** How many numbers of tape are there to begin with, and the most that are kept for the next value. */
const USUAL_TAPE = 512;
const LONG_TAPE = 2 ** 16;

/** Stands for a value that could not be read. */
const thrown = /* @__PURE__ */ Symbol("thrown");

const isWellFormed =
  "isWellFormed" in String.prototype ? (text) => text.isWellFormed() : (text) => !/\p{Surrogate}/u.test(text);

/** The keys that go by a number. */
const numbers = /* @__PURE__ */ new Map(/* @__PURE__ */ KEYS.map((key, index) => [key, -1 - index]));

// What is being packed. Variables of the module, because every step of the walk uses them.
let text = "";
/** At least as long as what is written of it. */
let tape = /* @__PURE__ */ new Int32Array(USUAL_TAPE);
let length = 0;
/** The objects around the one that is being packed. */
let around = [];
/** How much of MAX_SIZE is taken. */
let size = 0;
/** Where half of a pair stands that would make a whole one with the half that the next string may begin with. */
let halves = [];
let packing = false;

/**
 * Packs values side by side.
 *
 * @returns {{ text: string, tape: Int32Array, broken: number[] }} `broken` are the places in the text where half of a surrogate
 *   pair stands, which UTF-8 cannot hold. The tape is good until something else is packed.
 */
export function pack(values) {
  // A getter may pack something itself, in the middle of this.
  const outer = packing ? [text, tape, length, around, size, halves] : undefined;
  if (outer) tape = new Int32Array(USUAL_TAPE);
  packing = true;
  begin();
  try {
    // Nothing in here throws, but where the stack ends.
    for (const value of values) packValue(read({ "": value }, ""));
    const broken = isWellFormed(text)
      ? halves
      : [...halves, ...Array.from(text.matchAll(/\p{Surrogate}/gu), ({ index }) => index)].sort((a, b) => a - b);
    return { text, tape: tape.subarray(0, length), broken };
  } finally {
    if (outer) {
      [text, tape, length, around, size, halves] = outer;
    } else {
      // The tape stays for what comes, unless it became a long one.
      packing = false;
      begin();
      if (tape.length > LONG_TAPE) tape = new Int32Array(USUAL_TAPE);
    }
  }
}

function begin() {
  text = "";
  length = size = 0;
  around = [];
  halves = [];
}

function put(number) {
  if (length === tape.length) {
    const longer = new Int32Array(2 * length);
    longer.set(tape);
    tape = longer;
  }
  tape[length++] = number;
}

function packValue(value) {
  switch (typeof value) {
    case "string":
      packText(STRING, value);
      break;
    case "number":
      if (Number.isFinite(value)) packText(NUMBER, String(value));
      else put(NULL);
      break;
    case "boolean":
      put(value ? TRUE : FALSE);
      break;
    case "bigint":
      put(BIGINT);
      break;
    case "object":
      if (value === null) put(NULL);
      else if (around.includes(value)) put(CYCLE);
      else if (around.length === MAX_DEPTH) put(TOO_DEEP);
      else packObject(value);
      break;
    default:
      put(value === thrown ? THROWN : NULL);
  }
}

function packText(kind, string) {
  if (fits(string.length)) {
    put(string.length * ONE + kind);
    addText(string);
  } else {
    put(TOO_LARGE);
  }
}

/** Two strings stand side by side, and neither may take a character of the other. */
function addText(string) {
  const last = string.charCodeAt(string.length - 1);
  if (last >= 0xd800 && last < 0xdc00) {
    text += string.slice(0, -1);
    halves.push(text.length);
    text += "\ufffd";
  } else {
    text += string;
  }
}

/** Whether there is room for so much more, which is then taken. */
function fits(more) {
  if (size + more > MAX_SIZE) return false;
  size += more;
  return true;
}

function packObject(object) {
  const shape = shapeOf(object);
  if (shape === thrown) {
    put(THROWN);
  } else if (!fits(shape.length ?? shape)) {
    put(TOO_LARGE);
  } else {
    around.push(object);
    const begun = length;
    put(0);
    put(0);
    put(0);
    let head;
    if (typeof shape === "number") {
      for (let index = 0; index < shape; index += 1) packValue(read(object, index));
      head = shape * ONE + ARRAY;
    } else {
      head = packEntries(object, shape) * ONE + OBJECT;
    }
    // Only now, since the tape may have become another one.
    tape[begun] = head;
    tape[begun + 1] = length;
    tape[begun + 2] = text.length;
    around.pop();
  }
}

/** How many there were. */
function packEntries(object, keys) {
  let count = 0;
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index];
    const value = read(object, key);
    if (value === undefined || typeof value === "function" || (typeof value === "symbol" && value !== thrown)) continue;
    count += 1;
    const number = numbers.get(key);
    if (number !== undefined) {
      put(number);
    } else if (fits(key.length)) {
      put(key.length);
      addText(key);
    } else {
      put(0);
      put(TOO_LARGE);
      break;
    }
    packValue(value);
  }
  return count;
}

/** The length of an array, or the keys of an object; a proxy can refuse to tell. */
function shapeOf(object) {
  try {
    if (Array.isArray(object)) return Math.max(Math.trunc(+object.length) || 0, 0);
    return Object.keys(object);
  } catch {
    return thrown;
  }
}

/** A property as JSON.stringify reads it. */
function read(holder, key) {
  try {
    const value = holder[key];
    return typeof value === "string" ? value : meant(value, key);
  } catch {
    return thrown;
  }
}

/** What JSON.stringify takes a value for that is no string. */
function meant(value, key) {
  if (value === null) return value;
  const type = typeof value;
  const mayHaveToJson = type === "object" || type === "function" || type === "bigint";
  // Got once: it may be a getter.
  const toJson = mayHaveToJson ? value.toJSON : undefined;
  const json = typeof toJson === "function" ? Reflect.apply(toJson, value, [String(key)]) : value;
  // The usual ones first, for it is only seldom more than what it looks like.
  if (typeof json !== "object" || Array.isArray(json) || json === null) return json;
  return Object.getPrototypeOf(json) === Object.prototype ? json : unboxed(json);
}

/** The value of `new String("x")` and its like, of whatever realm. */
function unboxed(value) {
  switch (Object.prototype.toString.call(value)) {
    case "[object Number]":
      return hasSlot(Number, value) ? +value : value;
    case "[object String]":
      return hasSlot(String, value) ? String(value) : value;
    case "[object Boolean]":
      return hasSlot(Boolean, value) ? Boolean.prototype.valueOf.call(value) : value;
    case "[object BigInt]":
      return hasSlot(BigInt, value) ? BigInt.prototype.valueOf.call(value) : value;
    default:
      return value;
  }
}

/** Any object can call itself a Number; only a real one has its value. */
function hasSlot(type, value) {
  try {
    type.prototype.valueOf.call(value);
    return true;
  } catch {
    return false;
  }
}
