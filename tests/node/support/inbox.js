// Starts the real inbox for a test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Starts an inbox with its data in memory.
 *
 * @param {string[]} more Further arguments.
 * @returns The facts that the inbox prints when it is ready, `get(path)` to read with the API token, and `stop()`.
 */
export const startInbox = (...more) => start({ data: ":memory:", listen: "127.0.0.1:0" }, more);

/**
 * Starts an inbox with its data in a file, which can be stopped and started again.
 *
 * @param {string[]} more Further arguments.
 * @returns What {@link startInbox} returns, and `restart(meanwhile)`, which calls `meanwhile` while no inbox runs.
 */
export async function startStoredInbox(...more) {
  const folder = await mkdtemp(join(tmpdir(), "flowdock-inbox-"));
  const data = join(folder, "inbox.sqlite");
  let running = await start({ data, listen: "127.0.0.1:0" }, more);
  return {
    ...running,
    async restart(meanwhile) {
      await running.stop();
      await meanwhile();
      running = await start({ data, listen: new URL(running.local_url).host }, more);
    },
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function start({ data, listen }, more) {
  const program = process.env.FLOWDOCK_INBOX;
  const fixed = ["--listen", listen, "--data", data, "--json", "--log-level", "error"];
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
