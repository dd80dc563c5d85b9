// What every store of an outbox must do. The table runs in Node and in a browser, so it uses nothing of either.
//
// Each case gets a function `open`. It opens a store on the database of the case, which is empty before. A second call opens the same
// database once more, as another process would.

/** @typedef {import("../../../pkg-template/outbox.js").OutboxStore} OutboxStore */
/** @typedef {() => OutboxStore | Promise<OutboxStore>} Open */

const NOW = 1_800_000_000_000;
const LEASE = 300_000;

/** Makes an entry. Its uuid is also its body. */
export function entry(uuid, lanes = [], more = {}) {
  return { source: "a", uuid, lanes, body: `{"uuid":"${uuid}"}`, at: NOW, ...more };
}

function same(actual, expected, what) {
  const [got, want] = [actual, expected].map((value) => JSON.stringify(value) ?? "undefined");
  if (got !== want) throw new Error(`${what}: ${got} and not ${want}`);
}

const uuids = (entries) => entries.map(({ uuid }) => uuid);
const take = (store, now = NOW, max = 8) => store.take(now, now + LEASE, max);
async function taken(store, expected, now = NOW, max = 8) {
  const entries = await take(store, now, max);
  same(uuids(entries), expected, "taken");
  return entries;
}
async function fails(call) {
  try {
    await call();
  } catch {
    return;
  }
  throw new Error("it should fail");
}

/** @type {{ name: string, run(open: Open): Promise<void> }[]} */
export const contract = [
  {
    name: "an entry comes back as it was put, with its number and the count of its attempts",
    async run(open) {
      const store = await open();
      const body = '{"uuid":"1","content":"Größe 𝄞 \\u0000"}';
      const lanes = ["thread_id:7", "external_thread_id:a\0\n'\"%\u{1f600}"];
      await store.put([{ source: "a b", uuid: "1", lanes, body, at: NOW }]);
      const [{ seq, ...rest }, ...others] = await take(store);
      same(typeof seq, "number", "seq");
      same(others, [], "others");
      const sorted = Object.fromEntries(Object.entries(rest).sort());
      same(sorted, { at: NOW, attempts: 1, body, lanes, source: "a b", uuid: "1" }, "the entry");
    },
  },
  {
    name: "entries are taken in the order in which they were put, at most as many as asked for, each once",
    async run(open) {
      const store = await open();
      await store.put([entry("1"), entry("2")]);
      await store.put([entry("3")]);
      const [{ seq: first }, { seq: second }] = await taken(store, ["1", "2"], NOW, 2);
      same(first < second, true, "numbers ascend");
      await taken(store, ["3"]);
      await taken(store, []);
    },
  },
  {
    name: "a uuid that waits for its source already is left as it is",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"])]);
      await store.put([entry("1", ["y"], { body: "other" }), entry("2", ["x"]), entry("1", ["x"], { source: "b" })]);
      same(await store.size(), { entries: 3, bytes: 36 }, "size");
      same(await store.size("b"), { entries: 1, bytes: 12 }, "size of one source");
      const entries = await taken(store, ["1", "1"]);
      same([entries[0].body, entries[1].source], ['{"uuid":"1"}', "b"], "entries");
      await store.settle(entries[0]);
      await taken(store, ["2"]);
      // Once it is gone, it may come again.
      await store.put([entry("1")]);
      await taken(store, ["1"]);
    },
  },
  {
    name: "all entries are stored or none",
    async run(open) {
      const store = await open();
      const broken = {
        ...entry("2"),
        /** @returns {string} */
        get body() {
          throw new Error("not readable");
        },
      };
      await fails(() => store.put([entry("1", ["x"]), broken]));
      same(await store.size(), { entries: 0, bytes: 0 }, "size");
      await taken(store, []);
      await store.put([entry("3", ["x"])]);
      await taken(store, ["3"]);
    },
  },
  {
    name: "of a lane only the first entry is taken; other lanes go on",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"]), entry("3", ["y"]), entry("4", ["x"]), entry("5")]);
      const [one] = await taken(store, ["1", "3", "5"]);
      await store.settle(one);
      const [two] = await taken(store, ["2"]);
      await store.put([entry("6", ["x"])]);
      await taken(store, []);
      await store.settle(two);
      const [four] = await taken(store, ["4"]);
      await store.settle(four);
      await taken(store, ["6"]);
    },
  },
  {
    name: "an entry with two lanes waits for both, and both wait for it",
    async run(open) {
      const store = await open();
      await store.put([
        entry("1", ["x"]),
        entry("2", ["y"]),
        entry("3", ["x", "y"]),
        entry("4", ["y"]),
        entry("5", ["x"]),
      ]);
      const [one, two] = await taken(store, ["1", "2"]);
      await store.settle(two);
      await taken(store, []);
      await store.settle(one);
      const [three] = await taken(store, ["3"]);
      await taken(store, []);
      await store.settle(three);
      await taken(store, ["4", "5"]);
    },
  },
  {
    name: "entries with the same two lanes follow each other",
    async run(open) {
      const store = await open();
      await store.put(["1", "2", "3"].map((uuid) => entry(uuid, ["x", "y"])));
      for (const uuid of ["1", "2", "3"]) {
        const [one] = await taken(store, [uuid]);
        await store.settle(one, NOW);
        const [again] = await taken(store, [uuid]);
        await taken(store, []);
        await store.settle(again);
      }
      same(await store.next(), undefined, "next");
    },
  },
  {
    name: "an entry that waits in one lane is not overtaken in the other",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x", "y"]), entry("3", ["y", "z"]), entry("4", ["z"])]);
      const [one] = await taken(store, ["1"]);
      await store.settle(one);
      const [two] = await taken(store, ["2"]);
      await store.put([entry("5", ["y"])]);
      await taken(store, []);
      await store.settle(two);
      const [three] = await taken(store, ["3"]);
      await taken(store, []);
      await store.settle(three);
      await taken(store, ["4", "5"]);
    },
  },
  {
    name: "lanes of two sources have nothing to do with each other",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"], { source: "b" }), entry("3", ["x"], { source: "b" })]);
      const [, two] = await taken(store, ["1", "2"]);
      await store.settle(two);
      await taken(store, ["3"]);
    },
  },
  {
    name: "an entry that is to be tried later holds its lane until then",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"]), entry("3", ["y"])]);
      const [one, three] = await taken(store, ["1", "3"]);
      await store.settle(one, NOW + 1000);
      await store.settle(three, NOW);
      const [again] = await taken(store, ["3"]);
      same(again.attempts, 2, "attempts");
      await store.settle(again);
      await taken(store, [], NOW + 999);
      const [late] = await taken(store, ["1"], NOW + 1000);
      same(late.attempts, 2, "attempts");
      await store.settle(late);
      await taken(store, ["2"], NOW + 1000);
    },
  },
  {
    name: "a lease ends, and who held it settles nothing then",
    async run(open) {
      const store = await open();
      const other = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"])]);
      const [old] = await taken(store, ["1"]);
      await taken(other, [], NOW + LEASE - 1);
      const [now] = await taken(other, ["1"], NOW + LEASE);
      same(now.attempts, 2, "attempts");
      await store.settle(old);
      await store.settle(old, NOW);
      same((await store.size()).entries, 2, "entries");
      await taken(store, [], NOW + LEASE);
      await other.settle(now);
      await taken(store, ["2"], NOW + LEASE);
    },
  },
  {
    name: "a source is dropped while its entries are under way",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"]), entry("3", ["x"], { source: "b" })]);
      const [one] = await taken(store, ["1", "3"]);
      await store.removeSource("a");
      same([await store.size("a"), (await store.size("b")).entries], [{ entries: 0, bytes: 0 }, 1], "sizes");
      await store.settle(one);
      await store.settle(one, NOW);
      await taken(store, []);
      await store.put([entry("4", ["x"])]);
      await taken(store, ["4"]);
      await store.removeSource("unknown");
    },
  },
  {
    name: "next is when the first entry of a lane is due or its lease ends",
    async run(open) {
      const store = await open();
      same(await store.next(), undefined, "of nothing");
      await store.put([entry("1", ["x"]), entry("2", ["x"])]);
      same((await store.next()) <= NOW, true, "of a new entry");
      const [one] = await taken(store, ["1"]);
      same(await store.next(), NOW + LEASE, "of a leased entry");
      await store.put([entry("3", ["x"])]);
      await taken(store, []);
      same(await store.next(), NOW + LEASE, "of entries behind it");
      await store.settle(one, NOW + 5);
      same(await store.next(), NOW + 5, "of one that waits");
      await store.settle((await taken(store, ["1"], NOW + 5))[0]);
      same((await store.next()) <= NOW, true, "of the next in the lane");
      await store.removeSource("a");
      same(await store.next(), undefined, "of nothing any more");
    },
  },
  {
    name: "a clock that is set back delays no new entry",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"])]);
      const hourBefore = NOW - 3_600_000;
      const [one] = await taken(store, ["1"], hourBefore);
      await store.settle(one);
      await taken(store, ["2"], hourBefore);
    },
  },
  {
    name: "what waits is there when the database is opened again",
    async run(open) {
      const store = await open();
      await store.put([entry("1", ["x"]), entry("2", ["x"])]);
      await taken(store, ["1"]);
      const again = await open();
      await taken(again, []);
      const [one] = await taken(again, ["1"], NOW + LEASE);
      await again.settle(one);
      await taken(await open(), ["2"], NOW + LEASE);
    },
  },
];

/** The operations of which none may take longer because many entries wait. */
const OPERATIONS = ["take", "settle", "later", "next"];

/**
 * Measures the operations while many entries wait: in lanes of their own, and all in one lane.
 *
 * @param {Open} open
 * @param {number} count
 * @returns {Promise<Record<string, number>>} The median of each operation in milliseconds.
 */
export async function measure(open, count = 20_000) {
  const store = await open();
  const body = "x".repeat(1_000);
  for (let done = 0; done < count; done += 1_000) {
    const numbers = Array.from({ length: 1_000 }, (_, index) => done + index);
    await store.put(numbers.map((number) => entry(String(number), [`${number % 2 ? number : "one"}`], { body })));
  }
  const times = Object.fromEntries(OPERATIONS.map((name) => [name, []]));
  const timed = async (name, run) => {
    const begun = performance.now();
    const result = await run();
    times[name].push(performance.now() - begun);
    return result;
  };
  for (let round = 0; round < 25; round += 1) {
    const now = NOW + round;
    const entries = await timed("take", () => take(store, now, 4));
    same(entries.length, 4, "taken");
    for (const [index, one] of entries.entries()) {
      if (index % 2) await timed("later", () => store.settle(one, now + 1));
      else await timed("settle", () => store.settle(one));
    }
    await timed("next", () => store.next());
  }
  const median = (list) => list.sort((one, other) => one - other)[list.length >> 1];
  return Object.fromEntries(OPERATIONS.map((name) => [name, Math.round(median(times[name]) * 100) / 100]));
}
