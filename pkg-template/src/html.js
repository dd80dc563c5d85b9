// The template tag `html`. The core (`src/html/template.rs`) reads the template and escapes each value for its context. No code in this
// file reads HTML.

import { FlowdockError, invalidOption } from "./error.js";
import { call } from "./wasm/core.js";

/**
 * The name under which a fragment holds its HTML. It is the same in all copies of this package: a program may hold one copy by `import`
 * and another by `require`. JSON and structured clones hold no symbols, so nothing that comes from outside can pass for a fragment.
 */
const HTML = /* @__PURE__ */ Symbol.for("flowdock-integration.html");

/** The prototype of all fragments. */
const prototype = /* @__PURE__ */ Object.freeze({ toString: htmlOf, toJSON: htmlOf });

/** @this {object} */
function htmlOf() {
  const written = writtenIn(this);
  if (written === undefined) throw invalidOption("this is no fragment that the template tag html`…` made");
  return written;
}

/**
 * Returns the HTML of a fragment, and nothing for any other value.
 *
 * @param {any} value
 * @returns {string | undefined}
 */
function writtenIn(value) {
  return Object(value) === value && Object.hasOwn(value, HTML) ? value[HTML] : undefined;
}

/** @type {typeof import("flowdock-integration").html} */
export function html(strings, ...values) {
  try {
    const literals = [];
    for (let index = 0; index < strings.raw.length; index += 1) literals.push(strings[index]);
    const parts = [];
    for (const value of values) {
      /** @type {Part[]} */
      const list = [];
      collect(value, list);
      parts.push(list);
    }
    const written = call("fillTemplate", { literals, values: parts });
    return Object.freeze(Object.create(prototype, { [HTML]: { value: written } }));
  } catch (error) {
    if (error instanceof FlowdockError) throw error;
    throw invalidOption("call `html` as a template tag, html`…`, with values that convert to a string", {
      cause: error,
    });
  }
}

/** @typedef {string | [string]} Part A string for text, an array with one string for a fragment. */

/**
 * Lists the parts of a value. It calls no method that a caller could have replaced in an array or a fragment, such as `map`.
 *
 * @param {unknown} value
 * @param {Part[]} parts
 */
function collect(value, parts) {
  const written = writtenIn(value);
  if (written !== undefined) {
    parts.push([written]);
  } else if (Array.isArray(value)) {
    // An array that contains itself overflows the stack. `html` reports that as it reports every other error.
    for (let index = 0; index < value.length; index += 1) collect(value[index], parts);
  } else if (value !== null && value !== undefined) {
    parts.push(`${value}`);
  }
}
