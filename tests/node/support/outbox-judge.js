// Judges what an outbox promised by the messages that the inbox has stored.

import assert from "node:assert/strict";

/**
 * Checks that every promised message is stored once, and that the messages of each thread are in the order of their numbers, which are their
 * contents. There may be messages that nobody was promised: a program can be ended after an entry is durable and before it learns that.
 *
 * @param {string[]} promised The uuids of the posts that resolved.
 * @param {{ uuid: string, thread_id: string, content: string }[]} messages All messages of the inbox, in the order in which it stored them.
 */
export function judgeOutbox(promised, messages) {
  const times = new Map();
  /** The number of the last message of each thread. */
  const latest = new Map();
  const row = { promised: promised.length, stored: messages.length, lost: 0, twice: 0, outOfOrder: 0 };
  for (const { uuid, thread_id: thread, content } of messages) {
    times.set(uuid, (times.get(uuid) ?? 0) + 1);
    const number = Number(content);
    if (number <= (latest.get(thread) ?? -1)) row.outOfOrder += 1;
    latest.set(thread, number);
  }
  row.lost = promised.filter((uuid) => !times.has(uuid)).length;
  row.twice = [...times.values()].filter((count) => count > 1).length;
  assert.deepEqual({ ...row, lost: 0, twice: 0, outOfOrder: 0 }, row);
  return row;
}
