// The outbox in workerd: in a Durable Object, whose alarm sends, and behind a queue of Cloudflare.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorker } from "../../examples/support/worker.js";
import { random, startFaultProxy } from "../node/support/fault-proxy.js";
import { startInbox } from "../node/support/inbox.js";
import { stored } from "../node/support/judge.js";
import { contract } from "../node/support/outbox-contract.js";
import { judgeOutbox } from "../node/support/outbox-judge.js";
import { stormMessage } from "../node/support/storm.js";

/**
 * The faults that a storm leaves out: those that refuse a message for good, since each must arrive, and those of which workerd fills the log.
 */
const WITHOUT = /^400|redirect|in place of HTTP/;

/** Starts the worker. With `folder` its objects are stored there. */
async function startBoxes(inbox, folder) {
  const worker = await startWorker(new URL("./workers/outbox.js", import.meta.url), {
    compatibilityDate: "2026-04-01",
    bindings: { FLOWDOCK_URL: inbox.url, FLOWDOCK_TOKEN: inbox.flow_token },
    durableObjects: {
      CASE: { className: "Case", useSQLite: true },
      BOX: { className: "Box", useSQLite: true },
    },
    durableObjectsPersist: folder,
    queueProducers: { QUEUE: "posts" },
    queueConsumers: { posts: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 100 } },
  });
  const { origin } = await worker.ready;
  return {
    async call(path, ...values) {
      const query = values.map((value) => `value=${encodeURIComponent(JSON.stringify(value))}`).join("&");
      const response = await fetch(`${origin}/${path}?${query}`);
      const answer = await response.json();
      if (!response.ok) throw new Error(answer);
      return answer;
    },
    stop: () => worker.dispose(),
  };
}

/** Repeats a question until the answer is truthy. */
async function until(ask) {
  for (let answer; ; await sleep(20)) {
    answer = await ask();
    if (answer) return answer;
  }
}

const inboxUrl = { url: "http://127.0.0.1:2", flow_token: "t" };
let boxes;
before(async () => {
  boxes = await startBoxes(inboxUrl);
});
after(() => boxes.stop());
// Node 20 can spin for ever while it closes the handles of a process that ends, after a child of it was killed amid a request. To exit in
// the last event skips that.
process.on("exit", () => process.exit());

for (const { name } of contract) {
  test(`in a Durable Object: ${name}`, async () => assert.equal(await boxes.call(`CASE/${name}/run`, name), "done"));
}

test("an alarm that fails throws nothing, keeps the message, and comes again in a minute", async () => {
  const [alarm, waiting] = await boxes.call("BOX/failing/failing");
  assert.equal(waiting, 1);
  assert.ok(alarm > Date.now() + 30_000 && alarm <= Date.now() + 60_000);
});

const LONG = Boolean(process.env.FLOWDOCK_LONG);

test("a storm on a Durable Object: it is aborted, and workerd ends and starts again", {
  timeout: 600_000,
}, async (t) => {
  const [rounds, threads] = LONG ? [200, 20] : [24, 6];
  const inbox = await startInbox();
  const proxy = await startFaultProxy(inbox.url, { seed: 1, rate: 0.2, without: WITHOUT });
  const folder = await mkdtemp(join(tmpdir(), "flowdock-outbox-"));
  const chance = random(1);
  const promised = [];
  const server = { ...inbox, url: proxy.url };
  let running = await startBoxes(server, folder);
  let [aborted, restarted] = [0, 0];
  try {
    for (let round = 0; round < rounds; round += 1) {
      promised.push(...(await running.call("BOX/box/post", 10 * round, 10, threads)));
      await proxy.posts(1 + Math.floor(4 * chance()));
      if (round % 4 === 3) {
        restarted += 1;
        await running.stop();
        running = await startBoxes(server, folder);
      } else {
        aborted += 1;
        await assert.rejects(running.call("BOX/box/end"));
      }
    }
    const changes = await until(
      async () => (await running.call("BOX/box/waiting")) === 0 && running.call("BOX/box/changes"),
    );
    assert.deepEqual(changes, promised, "a message is there if and only if its change is");
    const row = judgeOutbox(promised, await stored(inbox));
    t.diagnostic(JSON.stringify({ ...row, aborted, restarted, requests: proxy.seen.posts }));
  } finally {
    await Promise.all([running.stop(), inbox.stop(), proxy.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
});

test("messages of a queue of Cloudflare are posted by `deliver`, each once", async (t) => {
  const inbox = await startInbox();
  const proxy = await startFaultProxy(inbox.url, { seed: 1, rate: 0.2, without: WITHOUT });
  const running = await startBoxes({ ...inbox, url: proxy.url });
  try {
    // Each in a thread of its own: the queue keeps no order.
    const messages = Array.from({ length: 40 }, (_, index) => stormMessage(index, 40));
    for (let first = 0; first < 40; first += 10) await running.call("queue", ...messages.slice(first, first + 10));
    const all = await until(async () => {
      const all = await stored(inbox);
      return all.length >= messages.length && all;
    });
    const row = judgeOutbox(
      messages.map(({ uuid }) => uuid),
      all,
    );
    t.diagnostic(JSON.stringify({ ...row, requests: proxy.seen.posts }));
  } finally {
    await Promise.all([running.stop(), inbox.stop(), proxy.stop()]);
  }
});
