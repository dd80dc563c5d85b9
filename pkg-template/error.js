// The one error of this package.

export class FlowdockError extends Error {
  /** @param details What the WebAssembly module says of a failure: plain data without any token. */
  constructor({ message, ...details }) {
    super(message);
    Object.assign(this, details);
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
  return failure instanceof Error ? failure : new FlowdockError(failure);
}

export function invalidOption(message) {
  return new FlowdockError({ code: "invalid_option", message, retryable: false });
}
