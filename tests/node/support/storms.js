// The storms of one runtime: a fresh inbox, the fault proxy before it, many messages, and the judgement.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "./fault-proxy.js";
import { startInbox } from "./inbox.js";
import { judge, stored } from "./judge.js";
import { options } from "./storm.js";

const LONG = Boolean(process.env.FLOWDOCK_LONG);

/**
 * Declares the tests; the long run has four seeds of everything.
 *
 * @param {string} where Such as `in Node`.
 * @param {{ short: number[], long: number[], seeds: number[], keepAlive?: boolean }} plan How many messages
 *   over how many threads; the seeds are those of the short run.
 * @param run Gets the options of a client, how many messages and how many threads, and gives what `storm` does.
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
          assert.ok(row.delivered > count * 0.83 && row.duplicates > 0);
          t.diagnostic(JSON.stringify({ where, rate, seed, ...row }));
        } finally {
          await Promise.all([inbox.stop(), proxy.stop()]);
        }
      });
    }
  }
}
