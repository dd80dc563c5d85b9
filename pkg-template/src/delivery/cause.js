// What an error was caused by: what the engine threw, or why a caller gave up. Both are passed on as they are, if no secret shows.

/**
 * Objects whose own keys show all that they hold. Others are not passed on: Node's error for an answer that is no HTTP holds the bytes of
 * the answer, which may repeat the token, and a fetch of one's own may throw its request.
 */
const INSPECTABLE = /^\[object (Error|DOMException|Object|Array)]$/;

/**
 * Gives an error its cause, unless one of the secrets could be seen in it.
 *
 * @template E
 * @param {E} error
 * @param {unknown} cause
 * @param {string[]} secrets
 */
export function because(error, cause, secrets) {
  const seen = new Set();
  /** @type {(value: any) => boolean} */
  const isClean = (value) => {
    if (typeof value === "string") return !secrets.some((secret) => shows(value, secret));
    if (Object(value) !== value || seen.has(value)) return true;
    seen.add(value);
    // An object of another kind has more than can be looked at. An exception's message is not its own key.
    if (!INSPECTABLE.test(Object.prototype.toString.call(value))) return false;
    return [...Reflect.ownKeys(value), "message"].every((key) => isClean(key) && isClean(value[key]));
  };
  try {
    // Not enumerable, as with `new Error(message, { cause })`, so that JSON leaves it out.
    if (cause !== undefined && isClean(cause)) Object.defineProperty(error, "cause", { value: cause });
  } catch {
    // What cannot be looked at is not passed on.
  }
  return error;
}

/**
 * Whether a text holds a secret. One of up to seven letters and digits counts as a whole word alone: text is full of its letters.
 *
 * @param {string} text
 * @param {string} secret
 */
function shows(text, secret) {
  return (/^\w{1,7}$/.test(secret) ? text.split(/\W+/) : text).includes(secret);
}
