// Calls of a WebAssembly module. The arguments go in as a frame, written into room that the module gives; the answer comes
// out as text. `src/js/exports.rs` is the other side.
//
// Nothing happens while the package is imported, so that a bundler can leave out a module that nothing calls.

import { compile } from "./compile.js";
import { FlowdockError } from "../error.js";
import { pack } from "./frame.js";

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
/** The bytes of a number on the tape. */
const BYTES_A_NUMBER = 4;

/**
 * @param {string | WebAssembly.Module} source The module, or its bytes in hex.
 * @returns {(name: string, ...values) => string} Calls a function of the module, which is compiled for the first of them. It
 *   throws a FlowdockError with what the module says went wrong.
 */
export function caller(source) {
  let module;
  /** The exports of its instance: none before the first call, and after one that ended inside the module. */
  let wasm;
  /** The instance's memory; detached when it has grown. */
  let bytes;
  let numbers;

  function look() {
    if (bytes === undefined || bytes.length === 0) {
      numbers = new Int32Array(wasm.memory.buffer);
      bytes = new Uint8Array(wasm.memory.buffer);
    }
  }

  /** Starts the module, where it has not. */
  function start() {
    module ??= compile(source);
    wasm ??= new WebAssembly.Instance(module).exports;
    if (!decoder) makeCoders();
  }

  /** Writes a frame into the module and runs a function on it; the length of the answer. */
  function run(name, { text, tape, broken }) {
    const place = (wasm.reserveTape(tape.length + broken.length) >>> 0) / BYTES_A_NUMBER;
    const room = text.length * BYTES_A_UNIT;
    const at = wasm.reserveText(room) >>> 0;
    look();
    numbers.set(tape, place);
    numbers.set(broken, place + tape.length);
    const { written } = encoder.encodeInto(text, bytes.subarray(at, at + room));
    return wasm[name](written, text.length, broken.length);
  }

  return (name, ...values) => {
    // Whatever is foreign runs in here.
    const frame = pack(values);
    start();
    let length;
    let answered;
    try {
      length = run(name, frame);
      look();
      const from = wasm.answer() >>> 0;
      answered = decoder.decode(bytes.subarray(from, from + Math.abs(length)));
    } catch (error) {
      // The stack or the memory ended inside the module, whose own stack stays as it was then. Nothing lives in an instance
      // between two calls, so the next one begins with another.
      wasm = bytes = numbers = undefined;
      throw error;
    }
    if (length < 0) throw new FlowdockError(JSON.parse(answered));
    return answered;
  };
}
