// One call of the WebAssembly module. The arguments go in as a frame, written into room that the module gives; the answer
// comes out as text. `src/js/exports.rs` is the other side.

import { answer, keys, reserve } from "./core.js";
import { FlowdockError } from "./error.js";
import { pack, setKeys } from "./frame.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const BYTES_A_UNIT = 3;
/** The bytes of a number on the tape. */
const BYTES_A_NUMBER = 4;

/** Makes an instance of the module, and gives its memory. */
let instantiate;
/** None before the first call, and after one that ended inside the module. */
let memory;
/** The module's memory; detached when it has grown. */
let bytes;
let numbers;

/** Begins to work with the module. */
export function begin(how) {
  instantiate = how;
  setKeys(JSON.parse(call(keys)));
}

function look() {
  if (bytes === undefined || bytes.length === 0) {
    numbers = new Int32Array(memory.buffer);
    bytes = new Uint8Array(memory.buffer);
  }
}

/**
 * @param run A function of the module.
 * @param values Its arguments.
 * @throws {FlowdockError} What the module says went wrong.
 */
export function call(run, ...values) {
  // Whatever is foreign runs in here.
  const packed = pack(values);
  let length;
  let answered;
  try {
    length = ask(run, packed);
    look();
    const from = answer();
    answered = decoder.decode(bytes.subarray(from, from + Math.abs(length)));
  } catch (error) {
    // The stack or the memory ended inside the module, whose own stack stays as it was then. Nothing lives in an instance
    // between two calls, so the next one begins with another.
    memory = bytes = numbers = undefined;
    throw error;
  }
  if (length < 0) throw new FlowdockError(JSON.parse(answered));
  return answered;
}

/** Writes a frame into the module and runs a function on it; the length of the answer. */
function ask(run, { text, tape, broken }) {
  memory ??= instantiate();
  // Rounded up, so that the tape begins at a whole number.
  const at = Math.ceil((text.length * BYTES_A_UNIT) / BYTES_A_NUMBER) * BYTES_A_NUMBER;
  const room = reserve(at + (tape.length + broken.length) * BYTES_A_NUMBER);
  look();
  const { written } = encoder.encodeInto(text, bytes.subarray(room, room + at));
  const place = (room + at) / BYTES_A_NUMBER;
  numbers.set(tape, place);
  numbers.set(broken, place + tape.length);
  return run(written, at, tape.length, broken.length);
}
