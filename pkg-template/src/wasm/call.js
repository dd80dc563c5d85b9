// Calls of a WebAssembly module. Two texts go in, one comes out. `wasm/src/exports.rs` is the other side.
//
// Nothing happens while the package is imported, so that a bundler can leave out a module that nothing calls.

import { FlowdockError } from "../error.js";
import { needs } from "../options.js";
import { compile } from "./compile.js";
import { jsonText } from "./json-text.js";
import { unavailable } from "./unavailable.js";

/** @type {{ encodeInto(text: string, into: Uint8Array): { written: number } }} */
let encoder;
/** @type {{ decode(bytes: Uint8Array): string }} */
let decoder;

/** Makes both at the first use. jsdom, as Jest runs it, has neither TextEncoder nor TextDecoder, but Node's Buffer. */
function makeCoders() {
  if (globalThis.TextDecoder && globalThis.TextEncoder) {
    encoder = new TextEncoder();
    decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  } else {
    // Read from globalThis: for the bare name a bundler would add a Buffer of its own to a page.
    const { Buffer } = /** @type {any} */ (globalThis);
    if (!Buffer) needs("TextDecoder", "TextEncoder");
    encoder = { encodeInto: (text, into) => ({ written: Buffer.from(text).copy(into) }) };
    decoder = { decode: (bytes) => Buffer.from(bytes).toString() };
  }
}

/**
 * Calls a function of the module with one value or two. It gives the answer, or throws a FlowdockError with what the module says went
 * wrong. `text` does the same with texts as they are.
 *
 * @typedef {((name: string, value?: unknown, more?: unknown) => string) & { text: TextCall }} Call
 */

/** @typedef {(name: string, first: string, second?: string) => string} TextCall */

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const BYTES_A_UNIT = 3;

/**
 * @param {import("./compile.js").Source} source
 * @returns {Call} The module is compiled for the first call.
 */
export function caller(source) {
  /** @type {WebAssembly.Module | undefined} */
  let module;
  /** @type {any} The exports of its instance: none before the first call, and after one that ended inside the module. */
  let wasm;
  /** @type {Uint8Array | undefined} The instance's memory; detached when it has grown. */
  let bytes;

  /** @returns {Uint8Array} */
  function memory() {
    if (bytes === undefined || bytes.length === 0) bytes = new Uint8Array(wasm.memory.buffer);
    return bytes;
  }

  /** Starts the module, if it has not started. */
  function start() {
    module ??= compile(source);
    try {
      wasm ??= new WebAssembly.Instance(/** @type {WebAssembly.Module} */ (module)).exports;
    } catch (cause) {
      throw unavailable(cause);
    }
    if (!decoder) makeCoders();
  }

  /** @type {TextCall} */
  function text(name, first, second = "") {
    start();
    let length;
    let answered;
    try {
      const room = (first.length + second.length) * BYTES_A_UNIT;
      const at = wasm.reserve(room) >>> 0;
      const input = memory().subarray(at, at + room);
      const { written } = encoder.encodeInto(first, input);
      const more = second === "" ? 0 : encoder.encodeInto(second, input.subarray(written)).written;
      length = wasm[name](written, more);
      if (length === 0) return "";
      const from = wasm.answer() >>> 0;
      answered = decoder.decode(memory().subarray(from, from + Math.abs(length)));
    } catch (error) {
      // The stack or the memory ended inside the module, whose own stack stays as it was then. Nothing lives in an instance
      // between two calls, so the next one begins with another.
      wasm = bytes = undefined;
      throw error;
    }
    if (length < 0) throw new FlowdockError(JSON.parse(answered));
    return answered;
  }

  /** @type {Call} */
  const call = (name, value, more) => text(name, jsonText(value), more === undefined ? "" : jsonText(more));
  call.text = text;
  return call;
}
