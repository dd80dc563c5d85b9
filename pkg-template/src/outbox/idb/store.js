// The store that keeps the entries in IndexedDB.
//
// Thousands of entries may wait, so no transaction of a drain reads all of them. An entry that is the first in each of its lanes has a
// `due`; one that waits for an earlier entry has none. IndexedDB leaves a record without the key of an index out of that index, so the index
// `due` holds only entries that could be sent, in the order in which they may be. A lease is a `due` in the future. Each `take` counts
// `attempts` up, so the number names the lease, and a holder that comes too late settles nothing.

/**
 * What the database holds for an entry. It counts up `seq`.
 *
 * @typedef {import("../../../outbox.js").Entry & Standing} Kept
 * @typedef {object} Standing
 * @property {[source: string, lane: string][]} names A key for each lane. Two sources may have lanes of one name.
 * @property {number} [due] Missing while the entry waits for an earlier one.
 * @property {1} [leased] Missing while no drain has the entry, so that the index holds only those that are leased.
 */

const ENTRIES = "entries";

/** @type {typeof import("../../../outbox-idb.js").idbOutbox} */
export function idbOutbox(name = "flowdock-outbox") {
  /** @type {Promise<IDBDatabase> | undefined} */
  let opening;

  async function open() {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const entries = request.result.createObjectStore(ENTRIES, { keyPath: "seq", autoIncrement: true });
      entries.createIndex("uuid", ["source", "uuid"], { unique: true });
      entries.createIndex("source", "source");
      entries.createIndex("names", "names", { multiEntry: true });
      entries.createIndex("due", "due");
      entries.createIndex("leased", "leased");
    };
    const database = await ended(request);
    // Somebody deletes the database, or another version of this code changes it: both wait until this connection is closed. The next
    // operation opens another one.
    database.onversionchange = database.onclose = () => {
      database.close();
      opening = undefined;
    };
    return database;
  }

  /**
   * Runs `work` in one transaction. When this resolves, all of it is stored; when it rejects, nothing.
   *
   * @template T
   * @param {(entries: IDBObjectStore) => Promise<T>} work It must wait for nothing but requests of this transaction.
   * @param {IDBTransactionDurability} [durability]
   * @returns {Promise<T>}
   */
  async function inTransaction(work, durability = "relaxed") {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    const transaction = (await opening).transaction(ENTRIES, "readwrite", { durability });
    const stored = ended(transaction);
    const worked = work(transaction.objectStore(ENTRIES)).catch((error) => {
      // Without this, what `work` did before it failed would be stored. If the browser has aborted the transaction, there is an error.
      transaction.error || transaction.abort();
      throw error;
    });
    const [result] = await Promise.all([worked, stored]);
    return result;
  }

  /** @type {import("../../../outbox-idb.js").IdbOutboxStore} */
  const store = {
    name,

    put(list) {
      const stored = inTransaction(async (entries) => {
        for (const entry of list) {
          const { source, uuid, lanes } = entry;
          if (await ended(entries.index("uuid").getKey([source, uuid]))) continue;
          const names = lanes.map((lane) => [source, lane]);
          const due = (await areFirst(entries, names)) ? { due: 0 } : {};
          entries.add({ ...entry, attempts: 0, names, ...due });
        }
      }, "strict");
      store.onPut?.(stored);
      return stored;
    },

    take: (now, until, max) =>
      inTransaction(async (entries) => {
        /** @type {Kept[]} */
        const taken = await ended(entries.index("due").getAll(IDBKeyRange.upperBound(now), max));
        return taken
          .map(({ names, due, leased, ...entry }) => {
            entry.attempts += 1;
            entries.put({ ...entry, names, due: until, leased: 1 });
            return entry;
          })
          .sort((one, other) => one.seq - other.seq);
      }),

    settle: ({ seq, attempts }, due) =>
      inTransaction(async (entries) => {
        /** @type {Kept | undefined} */
        const kept = await ended(entries.get(seq));
        if (kept?.attempts !== attempts) return;
        if (due !== undefined) {
          free(entries, kept, due);
          return;
        }
        entries.delete(seq);
        for (const name of kept.names) {
          const next = await ended(entries.index("names").get(name));
          if (next && (await areFirst(entries, next.names, next.seq))) free(entries, next);
        }
      }),

    removeSource: (source) =>
      inTransaction(async (entries) => {
        for (const seq of await ended(entries.index("source").getAllKeys(source))) entries.delete(seq);
      }),

    next: () =>
      inTransaction(async (entries) => {
        const first = await ended(entries.index("due").openKeyCursor());
        return /** @type {number | undefined} */ (first?.key);
      }),

    size: (source) =>
      inTransaction(async (entries) => {
        /** @type {Kept[]} */
        const all = await ended(entries.index("source").getAll(source));
        return { entries: all.length, bytes: new Blob(all.map(({ body }) => body)).size };
      }),

    alone(work) {
      const { locks } = navigator;
      if (!locks) return work();
      return locks.request(name, async () => {
        // Whoever had the lock before is done, or was ended amid its work. The leases that are left belong to nobody.
        await inTransaction(async (entries) => {
          for (const kept of await ended(entries.index("leased").getAll())) free(entries, kept);
        });
        return work();
      });
    },
  };
  return store;
}

/**
 * Makes an entry one that may be sent from `due` on and that nobody has a lease of.
 *
 * @param {IDBObjectStore} entries
 * @param {Kept} kept
 */
function free(entries, { leased, ...kept }, due = 0) {
  entries.put({ ...kept, due });
}

/**
 * Whether the entry with this `seq` is the first in each of these lanes. Without `seq`: whether there is nothing in them.
 *
 * @param {IDBObjectStore} entries
 * @param {IDBValidKey[]} names
 * @param {number} [seq]
 */
async function areFirst(entries, names, seq) {
  for (const name of names) if ((await ended(entries.index("names").getKey(name))) !== seq) return false;
  return true;
}

/**
 * Resolves to the result of a request, or when a transaction is complete.
 *
 * @param {any} target An `IDBRequest` or an `IDBTransaction`.
 * @returns {Promise<any>}
 */
function ended(target) {
  return new Promise((resolve, reject) => {
    target.onsuccess = target.oncomplete = () => resolve(target.result);
    target.onerror = target.onabort = () => reject(target.error);
  });
}
