// A storm: many messages over many threads, through a proxy that fails. Runs in every runtime, so it imports nothing.

/**
 * Short waits, the defaults otherwise. `timeoutMs` is far more than the inbox takes, even beside all other tests: a message that
 * arrives after its client gave it up comes too late for any order.
 */
export const options = { timeoutMs: 1_500, retry: { baseMs: 1, capMs: 8 } };

/** Message `index` of so many threads; its content says its place in the thread. */
export function stormMessage(index, threads) {
  const thread = index % threads;
  return {
    event: "message",
    content: String(Math.floor(index / threads)),
    external_thread_id: `thread ${thread}`,
    uuid: `storm ${index}`,
  };
}

/** Runs in whatever has the package; what comes back is plain data. */
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
