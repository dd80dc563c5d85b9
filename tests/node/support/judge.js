// What must hold after a storm.

import assert from "node:assert/strict";

/** All that an inbox has, in its order. */
export async function stored(inbox) {
  const all = [];
  for (;;) {
    const more = await inbox.get(`/messages?sort=asc&limit=100${all.length > 0 ? `&since_id=${all.at(-1).id}` : ""}`);
    all.push(...more);
    if (more.length < 100) return all;
  }
}

/** Judges a storm by what the inbox has; the row of the table. */
export function judge(results, count, messages) {
  assert.equal(results.length, count, "every message settled");
  assert.equal(new Set(results.map(({ index }) => index)).size, count, "each once");
  const times = new Map();
  const places = new Map();
  for (const { uuid, thread_id: thread, content } of messages) {
    times.set(uuid, (times.get(uuid) ?? 0) + 1);
    const place = Number(content);
    assert.ok(place >= (places.get(thread) ?? 0), `${uuid} came after a newer message of its thread`);
    places.set(thread, place);
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
