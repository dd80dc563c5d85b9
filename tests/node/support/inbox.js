// Starts the real inbox for a test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Starts an inbox with its data in memory.
 *
 * @param {string[]} more Further arguments.
 * @returns The facts that the inbox prints when it is ready, `get(path)` to read with the API token, and `stop()`.
 */
export async function startInbox(...more) {
  const program = process.env.FLOWDOCK_INBOX;
  const fixed = ["--listen", "127.0.0.1:0", "--data", ":memory:", "--json", "--log-level", "error"];
  const inbox = spawn(program, [...fixed, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(inbox, "exit");
  const lines = createInterface({ input: inbox.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const ready = JSON.parse(value);
  const { url, api_token: apiToken, organization, flow } = ready;
  return {
    ...ready,
    flowUrl: `${url}/flows/${organization}/${flow}`,
    async get(path) {
      const response = await fetch(`${url}/flows/${organization}/${flow}${path}`, {
        headers: { authorization: `Bearer ${apiToken}` },
      });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
      return response.json();
    },
    async stop() {
      inbox.kill("SIGTERM");
      await ended;
    },
  };
}
