// Packs a JavaScript value for the way into WebAssembly: all its strings joined into one, and a tape of numbers in the
// order of a walk through it. `src/js/frame.rs` reads it, and says what stands on the tape.
//
// A value means what JSON.stringify makes of it: toJSON is asked, undefined, functions and symbols are left out of objects
// and null in arrays, numbers that are not finite are null. Where JSON.stringify would throw or not end, the tape says what
// it found there, and the report names the place. Nothing here knows Flowdock.

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
const LONE_SURROGATE = 11;
const TOO_LARGE = 12;

/** The same as MAX_DEPTH in src/validate/value.rs. */
const MAX_DEPTH = 128;

/** How many UTF-16 code units of text and numbers of tape a value may have; sixteen times what the inbox takes. */
export const MAX_SIZE = 2 ** 24;

/** Stands for a value that could not be read. */
const thrown = Symbol("thrown");

const isWellFormed =
  "isWellFormed" in String.prototype ? (text) => text.isWellFormed() : (text) => !/\p{Surrogate}/u.test(text);

/**
 * @param value Anything.
 * @returns {{ text: string, tape: Int32Array }}
 */
export function pack(value) {
  const strings = [];
  const tape = [];
  // The objects around the one that is being packed.
  const around = [];
  let size = 0;

  packValue(read({ "": value }, ""));
  return { text: strings.join(""), tape: Int32Array.from(tape) };

  function packValue(value) {
    switch (typeof value) {
      case "string":
        if (isWellFormed(value)) packText(STRING, value);
        else tape.push(LONE_SURROGATE);
        return;
      case "number":
        if (Number.isFinite(value)) packText(NUMBER, String(value));
        else tape.push(NULL);
        return;
      case "boolean":
        tape.push(value ? TRUE : FALSE);
        return;
      case "bigint":
        tape.push(BIGINT);
        return;
      case "object":
        if (value === null) tape.push(NULL);
        else if (around.includes(value)) tape.push(CYCLE);
        else if (around.length === MAX_DEPTH) tape.push(TOO_DEEP);
        else packObject(value);
        return;
      default:
        tape.push(value === thrown ? THROWN : NULL);
    }
  }

  function packText(kind, text) {
    if (fits(text.length)) {
      tape.push(kind, text.length);
      strings.push(text);
    } else {
      tape.push(TOO_LARGE);
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
    around.push(object);
    if (shape === thrown) {
      tape.push(THROWN);
    } else if (!fits(shape.length)) {
      tape.push(TOO_LARGE);
    } else if (shape.isArray) {
      tape.push(ARRAY, shape.length);
      for (let index = 0; index < shape.length; index += 1) packValue(read(object, index));
    } else {
      packEntries(object, shape.keys);
    }
    around.pop();
  }

  function packEntries(object, keys) {
    const count = tape.push(OBJECT, 0) - 1;
    for (const key of keys) {
      const value = read(object, key);
      if (value === undefined || typeof value === "function" || (typeof value === "symbol" && value !== thrown)) continue;
      tape[count] += 1;
      if (!fits(key.length)) {
        tape.push(0, TOO_LARGE);
        break;
      }
      tape.push(key.length);
      strings.push(key);
      // Half a surrogate pair in a key makes the whole entry one that JSON cannot hold.
      if (isWellFormed(key)) packValue(value);
      else tape.push(LONE_SURROGATE);
    }
  }
}

/** Whether it is an array, and how much it holds; a proxy can refuse to tell. */
function shapeOf(object) {
  try {
    if (Array.isArray(object)) return { isArray: true, length: Math.max(Math.trunc(Number(object.length)) || 0, 0) };
    const keys = Object.keys(object);
    return { isArray: false, length: keys.length, keys };
  } catch {
    return thrown;
  }
}

/** A property as JSON.stringify reads it. */
function read(holder, key) {
  try {
    let value = holder[key];
    const type = typeof value;
    const mayHaveToJson = (type === "object" && value !== null) || type === "function" || type === "bigint";
    if (mayHaveToJson && typeof value.toJSON === "function") value = value.toJSON(String(key));
    return typeof value === "object" ? unboxed(value) : value;
  } catch {
    return thrown;
  }
}

/** The value of `new String("x")` and its like, of whatever realm. */
function unboxed(value) {
  switch (Object.prototype.toString.call(value)) {
    case "[object Number]":
      return hasSlot(Number, value) ? Number(value) : value;
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
