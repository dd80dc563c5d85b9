// One poll: a Durable Object, so that its changes happen one after another.
//
// A change and its messages are stored in one transaction. After that an alarm delivers the messages to Flowdock, so a vote counts even if
// Flowdock cannot be reached.

import { DurableObject } from "cloudflare:workers";
import { FlowdockError } from "flowdock-integration";
import { durableObjectOutbox } from "flowdock-integration/outbox/sql";
import { make } from "./changes.js";
import { outboxOf } from "./delivery.js";
import { directory } from "./directory.js";
import { commented, happened } from "./messages.js";

/** @import { Message } from "flowdock-integration" */
/** @import { Person, Problem } from "./changes.js" */
/** @import { SourceLine } from "./directory.js" */
/** @import { Env } from "./worker.js" */

/**
 * @typedef {{ id: number, title: string, votes: number }} Option
 *
 * @typedef PollState A poll as one user sees it.
 * @property {string} id
 * @property {string} url
 * @property {string} title
 * @property {string} body
 * @property {"open" | "closed"} status
 * @property {Option[]} options
 * @property {{ name: string, text: string }[]} comments
 * @property {number} [vote] The id of the option that this user chose.
 */

const TABLES = `
  CREATE TABLE IF NOT EXISTS poll (url TEXT, title TEXT, body TEXT, status TEXT);
  CREATE TABLE IF NOT EXISTS options (id INTEGER PRIMARY KEY, title TEXT UNIQUE);
  CREATE TABLE IF NOT EXISTS votes (user TEXT PRIMARY KEY, option INTEGER);
  CREATE TABLE IF NOT EXISTS comments (id INTEGER PRIMARY KEY, name TEXT, text TEXT);
  CREATE TABLE IF NOT EXISTS clicks (id TEXT PRIMARY KEY, until INTEGER);
`;

export class Poll extends DurableObject {
  #sql = this.ctx.storage.sql;
  #store = durableObjectOutbox(this.ctx);
  #outbox = outboxOf(this.#store, this.env);

  /**
   * @param {DurableObjectState} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    this.#sql.exec(TABLES);
  }

  /**
   * @param {{ url: string, title: string, body: string, options: string[] }} poll
   * @param {Person} user
   */
  create({ url, title, body, options }, user) {
    return this.#commit((tell) => {
      this.#sql.exec("INSERT INTO poll VALUES (?, ?, ?, 'open')", url, title, body);
      for (const option of options) this.#sql.exec("INSERT INTO options (title) VALUES (?)", option);
      tell(happened(this.#created(user.id), user, "created the poll"));
      return undefined;
    });
  }

  /**
   * Returns the poll as this user sees it, or undefined if it was never created.
   *
   * @param {string} userId
   * @returns {PollState | undefined}
   */
  view(userId) {
    /** @type {(query: string, ...values: string[]) => any[]} */
    const rows = (query, ...values) => this.#sql.exec(query, ...values).toArray();
    const [poll] = rows("SELECT * FROM poll");
    return (
      poll && {
        id: this.ctx.id.toString(),
        ...poll,
        options: rows(
          "SELECT id, title, (SELECT count(*) FROM votes WHERE option = id) AS votes FROM options ORDER BY id",
        ),
        comments: rows("SELECT name, text FROM comments ORDER BY id"),
        vote: rows("SELECT option FROM votes WHERE user = ?", userId)[0]?.option,
      }
    );
  }

  /**
   * Returns the poll as this user sees it, and throws if it was never created.
   *
   * @param {string} userId
   */
  #created(userId) {
    const poll = this.view(userId);
    if (!poll) throw new Error("this poll was never created");
    return poll;
  }

  /**
   * @param {Person} user
   * @param {string} change One of `CHANGES`.
   * @param {string} value
   * @returns {Promise<{ status: number, text: string } | undefined>} The problem if the change was refused.
   */
  change(user, change, value) {
    return this.#commit((tell) => {
      const poll = this.view(user.id);
      if (!poll) return { status: 404, text: "There is no such poll." };
      const { title, comment, problem } = make(change, this.#sql, poll, user, value);
      if (title) tell(happened(this.#created(user.id), user, title));
      if (comment) tell(commented(this.#created(user.id), user, comment));
      return problem;
    });
  }

  /**
   * Makes a change and stores its messages in one transaction.
   *
   * @param {(tell: (message: Message) => void) => Problem | undefined} make
   */
  async #commit(make) {
    const sources = await directory(this.env).sources();
    /** @type {Problem | undefined} */
    let problem;
    try {
      problem = this.ctx.storage.transactionSync(() => make((message) => this.#tell(sources, message)));
    } catch (error) {
      if (!(error instanceof FlowdockError) || error.code !== "invalid_message") throw error;
      problem = { status: 400, text: `Flowdock cannot be told of this: ${error.message}.` };
    }
    if (!problem) await this.ctx.storage.setAlarm(Date.now());
    return problem;
  }

  /**
   * Stores a message for each source that wants it.
   *
   * @param {SourceLine[]} sources
   * @param {Message} message
   */
  #tell(sources, message) {
    for (const { id, comments } of sources) {
      if (!comments && message.event === "discussion") continue;
      try {
        this.#store.put(this.#outbox.entries(id, message));
      } catch (error) {
        // A user has removed the source in the meantime. The change counts all the same.
        if (!(error instanceof FlowdockError) || error.code !== "source_removed") throw error;
      }
    }
  }

  /**
   * Whether this click came before. `verifyAction` calls it.
   *
   * @param {string} id
   * @param {number} until
   */
  seen(id, until) {
    this.#sql.exec("DELETE FROM clicks WHERE until < ?", Date.now());
    return this.#sql.exec("INSERT OR IGNORE INTO clicks VALUES (?, ?) RETURNING id", id, until).toArray().length === 0;
  }

  /** Delivers the messages. Only one alarm runs at a time. The outbox sets the next one for what is left. */
  async alarm() {
    const isShown = await this.#show();
    await this.#store.alarm(this.#outbox);
    if (!isShown && (await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 60_000);
  }

  /** Shows the poll in the directory. Returns whether that was possible. */
  async #show() {
    try {
      const { url, title, status } = this.#created("");
      await directory(this.env).showPoll({ url, title, status });
      return true;
    } catch (error) {
      console.error("not shown:", error);
      return false;
    }
  }
}
