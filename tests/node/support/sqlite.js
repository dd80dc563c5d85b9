// The SQLite databases that this runtime has. Each is a class that is made with the path of a file.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The names of the modules, and of their classes. By a variable, since no runtime has all of them.
 *
 * @type {[module: string, name: string][]}
 */
const modules = [
  ["better-sqlite3", "default"],
  ["node:sqlite", "DatabaseSync"],
  ["bun:sqlite", "Database"],
];

/** @type {Record<string, any>} */
export const databases = {};
for (const [module, name] of modules) {
  try {
    const Database = (await import(module))[name];
    // Bun can import better-sqlite3, and refuses to make one.
    new Database(":memory:").close();
    databases[module] = Database;
  } catch {
    // This runtime has none. The test of the stores says which ones it has run.
  }
}

/** @type {string | undefined} */
let folder;

/** Returns a path at which there is no file. What is there later is removed when this process exits. */
export function temporaryFile() {
  if (!folder) {
    const made = mkdtempSync(join(tmpdir(), "flowdock-outbox-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return join(folder, `${randomUUID()}.sqlite`);
}
