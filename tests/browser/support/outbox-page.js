// An outbox in a page or in a service worker of the tests. The query of the address by which it is imported has the options.

import { Client } from "/index.js";
import { Outbox } from "/outbox.js";
import { idbOutbox, wake } from "/outbox-idb.js";

// The clock, which a test can set.
const { now } = Date;
let aheadMs = 0;
Date.now = () => now() + aheadMs;

const { baseUrl, flowToken, role } = Object.fromEntries(new URL(import.meta.url).searchParams);
// The times are short, so that a test with a server that fails ends soon.
const client = new Client({
  baseUrl,
  flowToken,
  timeoutMs: 1_500,
  retry: { maxElapsedMs: 3_000, baseMs: 1, capMs: 8 },
});

const store = idbOutbox();
const outbox = new Outbox({
  store,
  client: () => client,
  backoff: { baseMs: 20, capMs: 100 },
});

const tools = {
  outbox,
  store,
  wake: (sender = outbox) => wake(sender, store),
  setClock(ms) {
    aheadMs = ms;
  },

  /**
   * Posts messages into ten threads. Their content is their number. Resolves to their uuids when all of them are stored.
   *
   * @param {number} count
   * @param {number} from The first number.
   * @param {string} [threads] Different for callers that post at the same time: their messages have no order.
   */
  async post(count, from, threads = "thread") {
    const uuids = [];
    for (let number = from; number < from + count; number += 1) {
      const message = { event: "message", content: String(number), external_thread_id: `${threads} ${number % 10}` };
      const { uuid } = await outbox.post("source", message);
      uuids.push(uuid);
    }
    return uuids;
  },

  /** Waits until the outbox has nothing left. */
  async empty() {
    while ((await outbox.count()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  },
};
Object.assign(globalThis, { tools });

if (role !== "idle") wake(outbox, store);

// In a service worker: a page asks for posts by a message, and gets the uuids.
addEventListener("message", (/** @type {any} */ event) => {
  const [count, from] = event.data.post ?? [];
  if (count) event.waitUntil(tools.post(count, from).then((uuids) => event.source.postMessage({ uuids })));
});
