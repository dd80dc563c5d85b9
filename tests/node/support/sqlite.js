// The SQLite databases that this runtime has. Each is a class that is made with the path of a file.

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import BetterSqlite3 from "better-sqlite3";

/** @type {Record<string, any>} */
export const databases = { "better-sqlite3": BetterSqlite3 };
try {
  // Node warns that it is experimental.
  databases["node:sqlite"] = (await import(/** @type {string} */ ("node:sqlite"))).DatabaseSync;
} catch {
  test("node:sqlite", { skip: `Node ${process.version} has none` }, () => {});
}

/** Returns a path at which there is no file. */
export const temporaryFile = () => join(tmpdir(), `flowdock-outbox-${randomUUID()}.sqlite`);
