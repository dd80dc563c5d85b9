// The one error of this package.

/** @typedef {Pick<import("flowdock-integration").FlowdockError, "code" | "message" | "retryable">} Details Some codes have more properties. */

/** The mark of such an error, of whatever copy of this package: a program may hold one copy by `import` and another by `require`. */
const MARK = /* @__PURE__ */ Symbol.for("flowdock-integration.FlowdockError");

export class FlowdockError extends Error {
  /** @param {any} value */
  static [Symbol.hasInstance](value) {
    return Object(value) === value && value[MARK] === true;
  }

  /**
   * @param {Details} details The failure as the WebAssembly module describes it: plain data without any token.
   * @param {ErrorOptions} [options]
   */
  constructor({ message, ...details }, options) {
    super(message, options);
    Object.assign(this, details);
    Object.defineProperty(this, MARK, { value: true });
  }

  get name() {
    return "FlowdockError";
  }

  toJSON() {
    return { name: this.name, message: this.message, .../** @type {object} */ (this) };
  }
}

/**
 * @param {string} message
 * @param {ErrorOptions} [options]
 */
export function invalidOption(message, options) {
  return new FlowdockError({ code: "invalid_option", message, retryable: false }, options);
}
