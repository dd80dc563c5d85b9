// Runs an example's start.js for a test, as `cargo xtask example` does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Starts the script, and waits until it has printed its last line.
 *
 * @param {URL} script The start.js, whose last line is "Ctrl-C ends it."
 * @param {{ url: string, flow_token: string, api_token: string }} inbox The facts that the inbox printed.
 * @returns {Promise<{ lines: string[], stop: () => Promise<void> }>} The lines that it printed. `stop` ends it like Ctrl-C.
 */
export async function started(script, inbox) {
  const { url: FLOWDOCK_URL, flow_token: FLOWDOCK_TOKEN, api_token: FLOWDOCK_API_TOKEN } = inbox;
  const env = { ...process.env, FLOWDOCK_URL, FLOWDOCK_TOKEN, FLOWDOCK_API_TOKEN };
  const child = spawn("node", [fileURLToPath(script)], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === "Ctrl-C ends it.") break;
  }
  return {
    lines,
    async stop() {
      child.kill("SIGINT");
      await exit;
    },
  };
}
