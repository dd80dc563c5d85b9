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

let memory;
/** The module's memory; detached when it has grown. */
let bytes;
let numbers;

/** Begins to work with an instance of the module, by its memory. */
export function begin(its) {
  memory = its;
  setKeys(JSON.parse(call(keys)));
}

function look() {
  if (bytes === undefined || bytes.length === 0) {
    bytes = new Uint8Array(memory.buffer);
    numbers = new Int32Array(memory.buffer);
  }
}

/**
 * @param run A function of the module.
 * @param values Its arguments.
 * @throws {FlowdockError} What the module says went wrong.
 */
export function call(run, ...values) {
  // Whatever is foreign runs before this line; behind it nothing throws until the module has answered.
  const { text, tape, broken } = pack(values);
  // Rounded up, so that the tape begins at a whole number.
  const at = Math.ceil((text.length * BYTES_A_UNIT) / BYTES_A_NUMBER) * BYTES_A_NUMBER;
  const room = reserve(at + (tape.length + broken.length) * BYTES_A_NUMBER);
  look();
  const { written } = encoder.encodeInto(text, bytes.subarray(room, room + at));
  let place = (room + at) / BYTES_A_NUMBER;
  for (const number of tape) numbers[place++] = number;
  for (const number of broken) numbers[place++] = number;
  const length = run(written, at, tape.length, broken.length);
  look();
  const from = answer();
  const answered = decoder.decode(bytes.subarray(from, from + Math.abs(length)));
  if (length < 0) throw new FlowdockError(JSON.parse(answered));
  return answered;
}
