// Runs `cargo xtask demo` as in a terminal, without building anything.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** @returns {Promise<{ lines: string[], stop: () => Promise<void> }>} The lines that it printed. `stop` ends it like Ctrl-C. */
export async function startDemo() {
  /** @type {import("node:child_process").SpawnOptionsWithStdioTuple<"ignore", "pipe", "inherit">} */
  const options = { stdio: ["ignore", "pipe", "inherit"], detached: true };
  const demo = spawn(process.env.FLOWDOCK_XTASK, ["demo", "--built", "--listen", "127.0.0.1:0"], options);
  const exit = once(demo, "exit");
  const lines = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line);
    if (line === "Ctrl-C ends it.") break;
  }
  return {
    lines,
    async stop() {
      // Like a terminal, this sends the signal to the whole process group.
      process.kill(-demo.pid, "SIGINT");
      await exit;
    },
  };
}
