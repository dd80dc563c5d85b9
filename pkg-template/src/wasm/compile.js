// From what a module is imported as to a WebAssembly.Module.

import { invalidOption } from "../error.js";

/**
 * @param {string | WebAssembly.Module} source In workerd, which compiles no bytes at run time, a module already.
 * @throws {FlowdockError} Where the page's policy forbids it; it says what is missing.
 */
export function compile(source) {
  if (typeof source !== "string") return source;
  const bytes = decode(source);
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    // The end of the stack or of the memory.
    if (cause instanceof RangeError) throw cause;
    throw invalidOption(
      "WebAssembly could not be compiled: a Content-Security-Policy must allow 'wasm-unsafe-eval' in its script-src, in an" +
        " extension under content_security_policy.extension_pages of the manifest",
      { cause },
    );
  }
}

/**
 * By the fastest way that the runtime has: the last one is most of a cold start.
 *
 * @param {string} hex
 */
function decode(hex) {
  if (Uint8Array.fromHex) return Uint8Array.fromHex(hex);
  // Not as a global name, for which a bundler would put a Buffer of its own into a page.
  if (globalThis.Buffer?.from) return globalThis.Buffer.from(hex, "hex");
  /** @param {number} at */
  const digit = (at) => {
    const code = hex.charCodeAt(at);
    // From `0` or from `a` on.
    return code - (code < 97 ? 48 : 87);
  };
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = digit(2 * at) * 16 + digit(2 * at + 1);
  return bytes;
}
