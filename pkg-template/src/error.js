// The one error of this package.

export class FlowdockError extends Error {
  /** @param details What the WebAssembly module says of a failure: plain data without any token. */
  constructor({ message, ...details }, options) {
    super(message, options);
    Object.assign(this, details);
  }

  get name() {
    return "FlowdockError";
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

export function invalidOption(message, options) {
  return new FlowdockError({ code: "invalid_option", message, retryable: false }, options);
}
