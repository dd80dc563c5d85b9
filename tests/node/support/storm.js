// A storm: many messages of many threads, posted through a proxy that injects faults. It runs in every runtime, so it imports nothing.

/**
 * The client's options: short waits, and else the defaults. `timeoutMs` is much longer than the inbox takes, even while other tests run,
 * because a request that arrives after its time limit may break the order.
 */
export const options = { timeoutMs: 1_500, retry: { baseMs: 1, capMs: 8 } };

/** Makes message `index` of a storm over `threads` threads. Its content is its number in its thread. */
export function stormMessage(index, threads) {
  const thread = index % threads;
  return {
    event: "message",
    content: String(Math.floor(index / threads)),
    external_thread_id: `thread ${thread}`,
    uuid: `storm ${index}`,
  };
}

/** Posts `count` messages, and returns the results as plain data, so that a page or a worker can send them back. */
export async function storm(client, count, threads) {
  const results = [];
  const messages = function* () {
    for (let index = 0; index < count; index += 1) yield stormMessage(index, threads);
  };
  for await (const { index, status, value, reason } of client.postAll(messages())) {
    const { uuid, attempts, maybeDuplicate, code = "" } = value ?? reason;
    results.push({ index, status, uuid, attempts, maybeDuplicate, code });
  }
  return results;
}
