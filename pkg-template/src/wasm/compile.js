// Makes a WebAssembly.Module of what an entry imports.

import { unavailable } from "./unavailable.js";

/**
 * What a module is imported as: a module, where the runtime compiles the file; a function that returns the module, in the entry `slim`; else
 * the bytes of the file in hex.
 *
 * @typedef {string | WebAssembly.Module | (() => WebAssembly.Module)} Source
 */

/**
 * @param {Source} source
 * @throws {FlowdockError} `wasm_unavailable`; it says what is missing.
 */
export function compile(source) {
  if (typeof source === "function") return source();
  return typeof source === "string" ? compileBytes(decode(source)) : source;
}

/**
 * @param {BufferSource} bytes
 * @throws {FlowdockError} `wasm_unavailable`; it says what is missing.
 */
export function compileBytes(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw unavailable(cause);
  }
}

/**
 * Decodes hex by the fastest way that the runtime has. The loop at the end is slow: it would be most of a cold start.
 *
 * @param {string} hex
 */
function decode(hex) {
  if (Uint8Array.fromHex) return Uint8Array.fromHex(hex);
  // Read from globalThis: for the bare name a bundler would add a Buffer of its own to a page.
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
