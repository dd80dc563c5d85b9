// The SQLite databases that this runtime has. Each is a class that is made with the path of a file.

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";

/** @type {Record<string, any>} */
export const databases = { "better-sqlite3": BetterSqlite3 };
// Node has it from 22.13 on. By a variable, because bundlers and tsc would look for it.
const builtIn = "node:sqlite";
if (/** @type {any} */ (process).getBuiltinModule?.(builtIn)) databases[builtIn] = (await import(builtIn)).DatabaseSync;

/** Returns a path at which there is no file. */
export const temporaryFile = () => join(tmpdir(), `flowdock-outbox-${randomUUID()}.sqlite`);
