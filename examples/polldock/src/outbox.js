// The outbox of a poll: its messages in order, and the last message that each source received.

/** @import { Message } from "flowdock-integration" */

/** Older messages are deleted. The next message contains the whole state of the poll anyway. */
const KEEP_MS = 24 * 60 * 60 * 1000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT, at INTEGER);
  CREATE TABLE IF NOT EXISTS told (source TEXT PRIMARY KEY, last INTEGER);
`;

export class Outbox {
  #sql;

  /** @param {SqlStorage} sql */
  constructor(sql) {
    this.#sql = sql;
    sql.exec(TABLES);
  }

  /** @param {Message} message */
  add(message) {
    this.#sql.exec("INSERT INTO outbox (message, at) VALUES (?, ?)", JSON.stringify(message), Date.now());
  }

  /**
   * Returns the next message for a source.
   *
   * @param {string} source
   * @returns {{ id: number, message: Message } | undefined}
   */
  next(source) {
    const after = "coalesce((SELECT last FROM told WHERE source = ?), 0)";
    const [row] = this.#sql
      .exec(`SELECT id, message FROM outbox WHERE id > ${after} ORDER BY id LIMIT 1`, source)
      .toArray();
    return row && { id: Number(row.id), message: JSON.parse(String(row.message)) };
  }

  /**
   * Records that a source received the message with this id.
   *
   * @param {string} source
   * @param {number} id
   */
  told(source, id) {
    this.#sql.exec("INSERT OR REPLACE INTO told VALUES (?, ?)", source, id);
  }

  /**
   * Deletes messages that no source waits for, messages that are too old, and the records of other sources than these.
   *
   * @param {string[]} sources
   */
  tidy(sources) {
    const known = JSON.stringify(sources);
    this.#sql.exec("DELETE FROM told WHERE source NOT IN (SELECT value FROM json_each(?))", known);
    this.#sql.exec("DELETE FROM outbox WHERE at < ?", Date.now() - KEEP_MS);
    // If there are no sources, this deletes all messages.
    const waiting =
      "SELECT 1 FROM json_each(?) WHERE outbox.id > coalesce((SELECT last FROM told WHERE source = value), 0)";
    this.#sql.exec(`DELETE FROM outbox WHERE NOT EXISTS (${waiting})`, known);
  }
}
