// `cargo xtask demo` as somebody has it in a terminal, with what is built already.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** @returns {Promise<{ lines: string[], stop: () => Promise<void> }>} What it printed, and an end as Ctrl-C makes it. */
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
      // As a terminal does, to all that it runs.
      process.kill(-demo.pid, "SIGINT");
      await exit;
    },
  };
}
