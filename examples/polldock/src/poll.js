// One poll: a Durable Object, so that its changes happen one after another.
//
// A change and its message are stored in one transaction. After that an alarm delivers the message to Flowdock, so a vote counts even if Flowdock
// cannot be reached.

import { DurableObject } from "cloudflare:workers";
import { FlowdockError } from "flowdock-integration";
import { make } from "./changes.js";
import { deliver } from "./delivery.js";
import { directory } from "./directory.js";
import { commented, happened } from "./messages.js";
import { Outbox } from "./outbox.js";

/** @import { Person, Problem } from "./changes.js" */
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
  #outbox;

  /**
   * @param {DurableObjectState} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    this.#sql.exec(TABLES);
    this.#outbox = new Outbox(this.#sql);
  }

  /**
   * @param {{ url: string, title: string, body: string, options: string[] }} poll
   * @param {Person} user
   */
  create({ url, title, body, options }, user) {
    return this.#commit(() => {
      this.#sql.exec("INSERT INTO poll VALUES (?, ?, ?, 'open')", url, title, body);
      for (const option of options) this.#sql.exec("INSERT INTO options (title) VALUES (?)", option);
      this.#outbox.add(happened(this.#created(user.id), user, "created the poll"));
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
    return this.#commit(() => {
      const poll = this.view(user.id);
      if (!poll) return { status: 404, text: "There is no such poll." };
      const { title, comment, problem } = make(change, this.#sql, poll, user, value);
      if (title) this.#outbox.add(happened(this.#created(user.id), user, title));
      if (comment) this.#outbox.add(commented(this.#created(user.id), user, comment));
      return problem;
    });
  }

  /**
   * Makes a change and stores its message in one transaction.
   *
   * @param {() => Problem | undefined} make
   */
  async #commit(make) {
    /** @type {Problem | undefined} */
    let problem;
    try {
      problem = this.ctx.storage.transactionSync(make);
    } catch (error) {
      if (!(error instanceof FlowdockError) || error.code !== "invalid_message") throw error;
      problem = { status: 400, text: `Flowdock cannot be told of this: ${error.message}.` };
    }
    if (!problem) await this.#ring();
    return problem;
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

  /** Delivers the messages. Only one alarm runs at a time, so they keep their order. The next alarm delivers those that are left. */
  async alarm() {
    let done = false;
    try {
      const { url, title, status } = this.#created("");
      await directory(this.env).showPoll({ url, title, status });
      done = await deliver(this.#outbox, this.env);
    } catch (error) {
      console.error("not delivered:", error);
    }
    if (!done) await this.#ring(this.env.NEXT_TRY_SECONDS * 1000);
  }

  #ring(inMs = 0) {
    return this.ctx.storage.setAlarm(Date.now() + inMs);
  }
}
