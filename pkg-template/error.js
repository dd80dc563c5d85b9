// The one error of this package.

export class FlowdockError extends Error {
  /** @param details What the WebAssembly module says of a failure: plain data without any token. */
  constructor({ message, fieldErrors, ...details }, options) {
    super(message, options);
    Object.assign(this, details);
    // A Map until here, since a field may have any name, `__proto__` included.
    if (fieldErrors) this.fieldErrors = Object.fromEntries(fieldErrors);
  }

  get name() {
    return "FlowdockError";
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

/** What to throw for whatever the module threw; a mistake of ours stays what it is. */
export function asError(failure) {
  return typeof failure?.code === "string" && !(failure instanceof Error) ? new FlowdockError(failure) : failure;
}

/** Calls the module, and throws what it throws as an error. */
export function orThrow(call) {
  try {
    return call();
  } catch (failure) {
    throw asError(failure);
  }
}

export function invalidOption(message, options) {
  return new FlowdockError({ code: "invalid_option", message, retryable: false }, options);
}
