// What TypeScript must take of the outbox, and what it must refuse: compiled by `tsc`, never run.

import { Client, chatMessage, type FlowdockError, type Prepared, prepare } from "flowdock-integration";
import { deliver, type Entry, type NewEntry, Outbox, type OutboxStore } from "flowdock-integration/outbox";
import { idbOutbox, wake } from "flowdock-integration/outbox/idb";
import { postgresOutbox, postgresOutboxSchema } from "flowdock-integration/outbox/postgres";
import { durableObjectOutbox, sqlOutbox } from "flowdock-integration/outbox/sql";
import { Outbox as SameOutbox } from "flowdock-integration/slim/outbox";

const client = new Client({ baseUrl: "https://inbox.example.com", flowToken: "x" });
const message = chatMessage({ content: "x" });
const stored: Prepared = prepare(message, { thread: "optional" });

/** As node:sqlite, better-sqlite3 and bun:sqlite declare it. */
declare const node: {
  exec(sql: string): void;
  prepare(sql: string): { all(...values: (null | number | bigint | string | Uint8Array)[]): Record<string, unknown>[] };
  readonly isTransaction: boolean;
};
declare const better: {
  exec(sql: string): typeof better;
  prepare(sql: string): { all(...values: unknown[]): unknown[] };
  inTransaction: boolean;
};
declare const ctx: {
  storage: {
    sql: { exec(query: string, ...values: unknown[]): { toArray(): Record<string, string | number | null>[] } };
    transactionSync<T>(run: () => T): T;
    setAlarm(time: number | Date): Promise<void>;
  };
};
declare const pool: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }> };

const inObject = durableObjectOutbox(ctx);
const inPostgres = postgresOutbox((text, values) => pool.query(text, values));
const inBrowser = idbOutbox("messages");
const stores: OutboxStore[] = [sqlOutbox(node, { alone: true }), sqlOutbox(better), inObject, inPostgres, inBrowser];

const outbox = new Outbox({
  store: stores[0] ?? inObject,
  client: async (source) => (source === "a" ? client : undefined),
  keepMs: 1_000,
  leaseMs: client.longestPostMs + 1,
  concurrency: 1,
  maxEntries: undefined,
  backoff: { baseMs: 1, capMs: 2 },
  hooks: {
    onDelivered: (entry: Entry, { kind }) => kind === "accepted" && entry.attempts,
    onRefused: async ({ source }, error: FlowdockError) => [source, error.code],
    onDropped: ({ seq }) => seq,
    onSourceRemoved: (source) => source.length,
    onHeld: (source, { code }) => [source, code],
  },
});
const entries: NewEntry[] = outbox.entries(["a", "b"] as const, message);
inObject.put(entries);
inPostgres.put(entries, (text, values) => pool.query(text, values)).then(() => postgresOutboxSchema.length);
outbox.post("a", message, { thread: "optional" }).then(({ uuid }) => uuid.length);
outbox.drain({ signal: new AbortController().signal }).then((next) => (next === undefined ? 0 : next.toFixed()));
inObject.alarm(outbox);
wake(outbox, inBrowser);
new SameOutbox({ store: inObject, client: () => client }).count("a").then((count) => count.toFixed());

deliver(client, JSON.parse(stored.body), { attempts: 2 }).then((end) => {
  if (end.retryInMs !== undefined) return [end.retryInMs.toFixed(), end.error.code, end.isHeld];
  if (end.refused) return end.refused.code;
  return end.removed ?? end.result.uuid;
});

// @ts-expect-error an outbox needs a store
new Outbox({ client: () => client });
// @ts-expect-error only a store in IndexedDB
wake(outbox, inPostgres);
// @ts-expect-error hooks have names
new Outbox({ store: inObject, client: () => client, hooks: { onSent() {} } });
// @ts-expect-error no such option
prepare(message, { signal: new AbortController().signal });
// @ts-expect-error a store gives entries
export const broken: OutboxStore = { ...inPostgres, take: async () => [{ seq: 1 }] };
