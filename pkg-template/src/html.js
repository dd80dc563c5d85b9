// The template tag `html`. The core (`src/html/template.rs`) reads the template and escapes each value for its context. No code in this
// file reads HTML.

import { FlowdockError, invalidOption } from "./error.js";
import { call } from "./wasm/core.js";

/**
 * The HTML of each fragment. The fragment itself does not hold it, so that nobody can change it or forge a fragment.
 *
 * @type {{ get(fragment: unknown): string | undefined, set(fragment: object, html: string): void }}
 */
const fragments = /* @__PURE__ */ new WeakMap();

/** The prototype of all fragments. */
const prototype = /* @__PURE__ */ Object.freeze({ toString: htmlOf, toJSON: htmlOf });

/** @this {object} */
function htmlOf() {
  const written = fragments.get(this);
  if (written === undefined) throw invalidOption("this is no fragment that the template tag html`…` made");
  return written;
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
    const fragment = Object.freeze(Object.create(prototype));
    fragments.set(fragment, call("fillTemplate", { literals, values: parts }));
    return fragment;
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
  const written = fragments.get(value);
  if (written !== undefined) {
    parts.push([written]);
  } else if (Array.isArray(value)) {
    // An array that contains itself overflows the stack. `html` reports that as it reports every other error.
    for (let index = 0; index < value.length; index += 1) collect(value[index], parts);
  } else if (value !== null && value !== undefined) {
    parts.push(`${value}`);
  }
}
