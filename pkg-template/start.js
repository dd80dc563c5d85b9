// Starts the WebAssembly module, once, while the package is imported.

import { begin } from "./call.js";
import * as glue from "./core.js";
import { invalidOption } from "./error.js";

/** Compiles the module; where the page's policy forbids it, the error says what is missing. */
export function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw invalidOption(
      "WebAssembly could not be compiled: a Content-Security-Policy must allow 'wasm-unsafe-eval' in its script-src, in an" +
        " extension under content_security_policy.extension_pages of the manifest",
      { cause },
    );
  }
}

export function start(module) {
  begin(() => {
    const instance = new WebAssembly.Instance(module, { "./core_bg.js": glue });
    glue.__wbg_set_wasm(instance.exports);
    return instance.exports.memory;
  });
}
