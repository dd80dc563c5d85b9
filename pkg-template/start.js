// Starts the WebAssembly module, once, while the package is imported.

import * as glue from "./core.js";
import { invalidOption } from "./error.js";

/** Compiles the module; where the page's policy forbids it, the error says what is missing. */
export function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    throw invalidOption(
      "WebAssembly may not be compiled here: allow 'wasm-unsafe-eval' in the script-src of the Content-Security-Policy" +
        " header, in an extension under content_security_policy.extension_pages of the manifest",
    );
  }
}

export function start(module) {
  const instance = new WebAssembly.Instance(module, { "./core_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}
