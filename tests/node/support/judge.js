// Judges the results of a storm by the messages that the inbox has stored.

import assert from "node:assert/strict";

/** Returns all messages of an inbox, in the order in which it stored them. */
export async function stored(inbox) {
  const all = [];
  for (;;) {
    const more = await inbox.get(`/messages?sort=asc&limit=100${all.length > 0 ? `&since_id=${all.at(-1).id}` : ""}`);
    all.push(...more);
    if (more.length < 100) return all;
  }
}

/** Checks that each message was delivered in order and as its result says. Returns the figures of the storm. */
export function judge(results, count, messages) {
  assert.equal(results.length, count, "every message settled");
  assert.equal(new Set(results.map(({ index }) => index)).size, count, "each message settled once");
  const times = new Map();
  /** The number of the last message of each thread. */
  const latest = new Map();
  for (const { uuid, thread_id: thread, content } of messages) {
    times.set(uuid, (times.get(uuid) ?? 0) + 1);
    const number = Number(content);
    assert.ok(number >= (latest.get(thread) ?? 0), `${uuid} came after a newer message of its thread`);
    latest.set(thread, number);
  }
  const row = {
    messages: count,
    delivered: 0,
    failed: 0,
    missing: 0,
    duplicates: 0,
    flagged: 0,
    requests: 0,
    most: 0,
    codes: {},
  };
  for (const { uuid, status, attempts, maybeDuplicate, code } of results) {
    const copies = times.get(uuid) ?? 0;
    row.requests += attempts;
    row.most = Math.max(row.most, attempts);
    row.flagged += Number(maybeDuplicate);
    row.duplicates += Math.max(copies - 1, 0);
    if (status === "fulfilled") {
      row.delivered += 1;
      assert.ok(copies > 0, `${uuid} resolved and is missing`);
      assert.ok(copies === 1 || maybeDuplicate, `${uuid} is there ${copies} times and was not flagged`);
    } else {
      row.failed += 1;
      row.codes[code] = (row.codes[code] ?? 0) + 1;
      assert.ok(copies === 0 || maybeDuplicate, `${uuid} failed, is there, and was not flagged`);
    }
  }
  assert.ok(row.most <= 6);
  return row;
}
