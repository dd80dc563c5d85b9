// The `cause` of an error: the value that the engine threw, or the reason of a caller's signal. It is passed on unchanged, unless a secret
// could be seen in it.

/**
 * Matches the kinds of objects whose own keys show everything that they hold. Objects of other kinds are not passed on. For example,
 * Node's error for an answer that is not HTTP holds the bytes of the answer, which may repeat the token. A caller's own `fetch` may throw
 * its request.
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
    // `message` is added, because that of a DOMException is not an own key.
    if (!INSPECTABLE.test(Object.prototype.toString.call(value))) return false;
    return [...Reflect.ownKeys(value), "message"].every((key) => isClean(key) && isClean(value[key]));
  };
  try {
    // Not enumerable, as with `new Error(message, { cause })`, so that JSON leaves it out.
    if (cause !== undefined && isClean(cause)) Object.defineProperty(error, "cause", { value: cause });
  } catch {
    // A value that throws when it is inspected is not passed on.
  }
  return error;
}

/**
 * Whether a text contains a secret. A secret of at most seven letters and digits counts only as a whole word, because ordinary text
 * contains such short strings by chance.
 *
 * @param {string} text
 * @param {string} secret
 */
function shows(text, secret) {
  return (/^\w{1,7}$/.test(secret) ? text.split(/\W+/) : text).includes(secret);
}
