// Declares the storms of one runtime. Each has a fresh inbox behind the fault proxy, posts many messages, and judges the results.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "./fault-proxy.js";
import { startInbox } from "./inbox.js";
import { judge, stored } from "./judge.js";
import { options } from "./storm.js";

const LONG = Boolean(process.env.FLOWDOCK_LONG);

/**
 * Declares the tests. The long run uses four seeds for each rate of faults.
 *
 * @param {string} where The runtime, such as `in Node`.
 * @param {{ short: number[], long: number[], seeds: number[], keepAlive?: boolean }} plan `short` and `long` have the number of messages and
 *   of threads. `seeds` are the seeds of the short run.
 * @param run Runs `storm` with the options of a client, the number of messages and the number of threads, and returns its results.
 */
export function storms(where, { short, long, seeds, keepAlive = true }, run) {
  const [count, threads] = LONG ? long : short;
  for (const rate of [0.2, 0.5]) {
    for (const seed of LONG ? [1, 2, 3, 4] : seeds) {
      test(`a storm of ${count} messages ${where}, faults ${rate * 100} %, seed ${seed}`, async (t) => {
        const inbox = await startInbox();
        const proxy = await startFaultProxy(inbox.url, { seed, rate, keepAlive });
        try {
          const client = { baseUrl: proxy.url, flowToken: inbox.flow_token, ...options };
          const row = judge(await run(client, count, threads), count, await stored(inbox));
          assert.equal(proxy.seen.elsewhere, 0, "no redirect is followed");
          assert.ok(proxy.seen.posts <= row.requests, "no request goes out that nobody counts");
          assert.ok(Object.keys(proxy.counts).length >= Math.min(20, count / 20), "there were many kinds of faults");
          assert.ok(row.delivered > count * 0.83);
          // Requests were repeated whose first answer was lost, and the inbox recognised them by their uuid.
          assert.ok(row.requests > count);
          assert.equal(row.duplicates, 0, "each message is stored once");
          t.diagnostic(JSON.stringify({ where, rate, seed, ...row }));
        } finally {
          await Promise.all([inbox.stop(), proxy.stop()]);
        }
      });
    }
  }
}
