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

/** The same as MAX_DEPTH in src/validate/value.rs. */
const MAX_DEPTH = 128;

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
    tape.push(kind, text.length);
    strings.push(text);
  }

  function packObject(object) {
    const shape = shapeOf(object);
    around.push(object);
    if (typeof shape === "number") {
      tape.push(ARRAY, shape);
      for (let index = 0; index < shape; index += 1) packValue(read(object, index));
    } else if (shape === thrown) {
      tape.push(THROWN);
    } else {
      const count = tape.push(OBJECT, 0) - 1;
      for (const key of shape) {
        const value = read(object, key);
        if (value === undefined || typeof value === "function" || (typeof value === "symbol" && value !== thrown)) continue;
        tape[count] += 1;
        // A key is text too: half a surrogate pair in it makes the whole entry one that JSON cannot hold.
        tape.push(key.length);
        strings.push(key);
        if (isWellFormed(key)) packValue(value);
        else tape.push(LONE_SURROGATE);
      }
    }
    around.pop();
  }
}

/** The length of an array or the keys of an object; a proxy can refuse to tell. */
function shapeOf(object) {
  try {
    return Array.isArray(object) ? object.length : Object.keys(object);
  } catch {
    return thrown;
  }
}

/** A property as JSON.stringify reads it. */
function read(holder, key) {
  try {
    let value = holder[key];
    if (typeof value === "bigint" || (typeof value === "object" && value !== null)) {
      if (typeof value.toJSON === "function") value = value.toJSON(String(key));
      if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) {
        value = value.valueOf();
      }
    }
    return value;
  } catch {
    return thrown;
  }
}
