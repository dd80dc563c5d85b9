// Calls of a WebAssembly module. Two texts go in, one comes out. `wasm/src/exports.rs` is the other side.
//
// Nothing happens while the package is imported, so that a bundler can leave out a module that nothing calls.

import { FlowdockError } from "../error.js";
import { compile } from "./compile.js";
import { jsonText } from "./json-text.js";

let encoder;
let decoder;

/** Both are made at the first use. In jsdom, where Jest tests pages, there may be neither, but Node's Buffer. */
function makeCoders() {
  if (globalThis.TextDecoder) {
    encoder = new TextEncoder();
    decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  } else {
    // Not as a global name, for which a bundler would put a Buffer of its own into a page.
    const { Buffer } = globalThis;
    encoder = { encodeInto: (text, into) => ({ written: Buffer.from(text).copy(into) }) };
    decoder = { decode: (bytes) => Buffer.from(bytes).toString() };
  }
}

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const BYTES_A_UNIT = 3;

/**
 * @param {string | WebAssembly.Module} source The module, or its bytes in hex.
 * @returns Calls a function of the module with one value or two, which is compiled for the first call. It gives the answer, or throws a
 *   FlowdockError with what the module says went wrong. `call.text` does the same with texts as they are.
 */
export function caller(source) {
  let module;
  /** The exports of its instance: none before the first call, and after one that ended inside the module. */
  let wasm;
  /** The instance's memory; detached when it has grown. */
  let bytes;

  function look() {
    if (bytes === undefined || bytes.length === 0) bytes = new Uint8Array(wasm.memory.buffer);
  }

  /** Starts the module, where it has not. */
  function start() {
    module ??= compile(source);
    wasm ??= new WebAssembly.Instance(module).exports;
    if (!decoder) makeCoders();
  }

  function text(name, first, second = "") {
    start();
    let length;
    let answered;
    try {
      const room = (first.length + second.length) * BYTES_A_UNIT;
      const at = wasm.reserve(room) >>> 0;
      look();
      const { written } = encoder.encodeInto(first, bytes.subarray(at, at + room));
      const more = second && encoder.encodeInto(second, bytes.subarray(at + written, at + room)).written;
      length = wasm[name](written, more);
      if (length === 0) return "";
      look();
      const from = wasm.answer() >>> 0;
      answered = decoder.decode(bytes.subarray(from, from + Math.abs(length)));
    } catch (error) {
      // The stack or the memory ended inside the module, whose own stack stays as it was then. Nothing lives in an instance
      // between two calls, so the next one begins with another.
      wasm = bytes = undefined;
      throw error;
    }
    if (length < 0) throw new FlowdockError(JSON.parse(answered));
    return answered;
  }

  const call = (name, value, more) => text(name, jsonText(value), more === undefined ? "" : jsonText(more));
  call.text = text;
  return call;
}
