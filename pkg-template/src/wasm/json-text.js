// The JSON text of a value, as it goes into the module. A value means what JSON.stringify makes of it.

import { isShort, MAX_UNITS } from "../length.js";

/** How deep objects and arrays may stand in each other, the same as MAX_DEPTH in json/src/lib.rs. */
const MAX_DEPTH = 128;

// What stands in the text in place of a value that JSON cannot hold; `NotJson::mark` in json/src/document.rs has the same marks.
const BIGINT = "!b";
const CYCLE = "!c";
const TOO_DEEP = "!d";
const THROWN = "!t";
/** Marks the end of a text that was cut because it was too long. */
const CUT = "\0";

/** @param {unknown} value */
export function jsonText(value) {
  /** @type {string | undefined} */
  let text;
  try {
    text = JSON.stringify(value);
  } catch {
    text = marked({ "": value }, "", [], { units: 0 });
  }
  if (text === undefined) return "null";
  return isShort(text) ? text : text.slice(0, MAX_UNITS) + CUT;
}

/**
 * What JSON.stringify would write of a property, with marks where it would throw. Only where it has thrown: it reads all of it once
 * more, and slowly.
 *
 * @param {any} holder
 * @param {string | number} key
 * @param {object[]} around The objects around the value, outermost first.
 * @param {{ units: number }} written How much of the text there is.
 * @returns {string | undefined} Nothing where JSON.stringify leaves the property out.
 */
function marked(holder, key, around, written) {
  /** @type {any} */
  let value;
  /** @type {string[] | { length: number }} */
  let keys;
  try {
    value = holder[key];
    if (value !== null && /object|function|bigint/.test(typeof value)) {
      const { toJSON } = value;
      if (typeof toJSON === "function") value = Reflect.apply(toJSON, value, [String(key)]);
    }
    if (typeof value === "function") return undefined;
    if (Object(value) === value) value = unboxed(value);
    if (typeof value === "bigint") return BIGINT;
    if (Object(value) !== value || isRaw(value)) {
      const text = JSON.stringify(value);
      written.units += text?.length ?? 0;
      return text;
    }
    if (around.includes(value)) return CYCLE;
    if (around.length === MAX_DEPTH) return TOO_DEEP;
    keys = Array.isArray(value) ? { length: +value.length } : Object.keys(value);
  } catch {
    return THROWN;
  }
  const inside = [...around, value];
  const texts = [];
  // A text that is too long is cut, so the rest of the value is not read.
  for (let index = 0; index < keys.length && written.units <= MAX_UNITS; index += 1) {
    written.units += 1;
    if (Array.isArray(keys)) {
      const text = marked(value, keys[index], inside, written);
      if (text === undefined) continue;
      const name = JSON.stringify(keys[index]);
      written.units += name.length;
      texts.push(`${name}:${text}`);
    } else {
      texts.push(marked(value, index, inside, written) ?? "null");
    }
  }
  return Array.isArray(keys) ? `{${texts}}` : `[${texts}]`;
}

/**
 * What JSON.stringify takes an object for: the value of `new String("x")` and its like, of whatever realm, else the object itself.
 *
 * @param {any} value
 */
function unboxed(value) {
  try {
    // Nearly all are no box, and to find that out by what throws takes long.
    if (Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]") return value;
  } catch {
    // It has a Symbol.toStringTag that throws.
  }
  if (isBox(Number, value)) return +value;
  if (isBox(String, value)) return String(value);
  if (isBox(Boolean, value)) return Boolean.prototype.valueOf.call(value);
  return isBox(BigInt, value) ? BigInt.prototype.valueOf.call(value) : value;
}

/**
 * Whether a value is a JSON text as newer engines have it, an object.
 *
 * @param {unknown} value
 */
const isRaw = (value) => /** @type {any} */ (JSON).isRawJSON?.(value);

/**
 * @param {{ prototype: { valueOf(): unknown } }} type
 * @param {unknown} value
 */
function isBox(type, value) {
  try {
    type.prototype.valueOf.call(value);
    return true;
  } catch {
    return false;
  }
}
