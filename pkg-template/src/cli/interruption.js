// Turns Ctrl-C and SIGTERM into an abort, so that the command can say what became of its messages.

import process from "node:process";

/** The exit codes for signals: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143 };

/**
 * Listens until `end` is called. A second signal ends the process at once.
 *
 * @returns {{ signal: AbortSignal, exitCode: () => number | undefined, end: () => void }}
 */
export function interruption() {
  const controller = new AbortController();
  /** @type {number | undefined} */
  let exitCode;
  const stop = (/** @type {NodeJS.Signals} */ name) => {
    exitCode = CODES[/** @type {keyof typeof CODES} */ (name)];
    end();
    controller.abort(new Error(name));
  };
  const end = () => Object.keys(CODES).forEach((name) => void process.off(name, stop));
  for (const name of Object.keys(CODES)) process.on(name, stop);
  return { signal: controller.signal, exitCode: () => exitCode, end };
}
