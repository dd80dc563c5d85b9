// Reads and changes values in a message by their JSON Pointers. A change makes a new message, so an older one is still good for "Undo".

/** @typedef {Record<string, any>} JsonObject A JSON object with any keys. */

/**
 * @param {unknown} value
 * @returns {value is JsonObject}
 */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} value */
export const isEmpty = (value) => isObject(value) && Object.keys(value).length === 0;

/** @param {string} path A JSON Pointer whose keys need no escaping. */
const keysOf = (path) => path.split("/").slice(1);

/**
 * Returns the value at a path, or undefined.
 *
 * @param {JsonObject} message
 * @param {string} path
 * @returns {unknown}
 */
export function valueAt(message, path) {
  /** @type {unknown} */
  let value = message;
  for (const key of keysOf(path)) value = isObject(value) ? value[key] : undefined;
  return value;
}

/**
 * Returns the message with another value at the path. Undefined removes the key.
 *
 * @param {JsonObject} message
 * @param {string} path
 * @param {unknown} value
 * @returns {JsonObject}
 */
export const withValue = (message, path, value) => changed(message, keysOf(path), value);

/**
 * @param {unknown} parent
 * @param {string[]} keys
 * @param {unknown} value
 * @returns {JsonObject}
 */
function changed(parent, [key, ...rest], value) {
  const object = isObject(parent) ? parent : {};
  if (rest.length > 0) {
    // Nothing has to be removed from what is not there.
    if (value === undefined && !isObject(object[key])) return object;
    return { ...object, [key]: changed(object[key], rest, value) };
  }
  if (value !== undefined) return { ...object, [key]: value };
  const { [key]: _, ...others } = object;
  return others;
}

/**
 * Writes a key as it stands in a JSON Pointer.
 *
 * @param {string} key
 */
export const pointerKey = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
