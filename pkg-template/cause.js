// What an error was caused by: what the engine threw, or why a caller gave up. Both are passed on as they are, if no secret shows.

/** Node's error for an answer that is no HTTP holds the answer, which may be an echo; a fetch of one's own may throw the request. */
const OPEN = /t (Error|DOMException|Object|\w*Array)]/;

/** Gives an error its cause, unless one of the secrets could be seen in it. */
export function because(error, cause, secrets) {
  const seen = new Set();
  const isClean = (value) => {
    if (typeof value === "string") return !secrets.some((secret) => shows(value, secret));
    if (Object(value) !== value || seen.has(value)) return true;
    seen.add(value);
    // An object of another kind has more than can be looked at. An exception's message is not its own key.
    const keys = OPEN.test(Object.prototype.toString.call(value)) && [...Reflect.ownKeys(value), "message"];
    return keys && keys.every((key) => isClean(key) && isClean(value[key]));
  };
  try {
    // As the second argument of its constructor would: JSON leaves it out.
    if (cause !== undefined && isClean(cause)) Object.defineProperty(error, "cause", { value: cause });
  } catch {
    // What cannot be looked at is not passed on.
  }
  return error;
}

/** One as short as `SHORT` of src/http/secret.rs says shows as a whole word alone. */
function shows(text, secret) {
  return (/^\w{1,7}$/.test(secret) ? text.split(/\W+/) : text).includes(secret);
}
