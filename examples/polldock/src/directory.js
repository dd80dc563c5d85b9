// The directory: a Durable Object for data that do not belong to one poll. It stores the titles of all polls, the sources, which Flowdock user
// is which person, and the setups that are in progress.

import { DurableObject } from "cloudflare:workers";

/** @import { Person } from "./changes.js" */
/** @import { Env } from "./worker.js" */

/**
 * @typedef {{ url: string, title: string, status: string }} PollLine
 * @typedef {{ id: string, name: string, flowId: string, flowName: string, flowUrl: string, comments: number, problem: string }} SourceLine `flowUrl` is the flow's page, or empty if Flowdock named none.
 * @typedef {SourceLine & { flowToken: string }} Source
 * @typedef {{ flow: string, source?: string, state: string }} BegunVisit A visit for which Flowdock is asking the user for permission.
 * @typedef {{ flow: Flow, source?: string, accessToken: string }} AllowedVisit A visit for which the user gave permission.
 * @typedef {{ id: string, name?: string, parameterized_name: string, organization: { parameterized_name: string, name?: string }, web_url?: string }} Flow
 */

/**
 * Returns the directory. There is only one.
 *
 * @param {Env} env
 */
export function directory(env) {
  return env.DIRECTORY.get(env.DIRECTORY.idFromName("directory"));
}

const VISIT_MS = 15 * 60 * 1000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS polls (url TEXT PRIMARY KEY, title TEXT, status TEXT);
  CREATE TABLE IF NOT EXISTS sources
    (id TEXT PRIMARY KEY, name TEXT, flow_id TEXT, flow_name TEXT, flow_url TEXT, flow_token TEXT, comments INTEGER, problem TEXT);
  CREATE TABLE IF NOT EXISTS people (flowdock_id TEXT PRIMARY KEY, id TEXT, name TEXT);
  CREATE TABLE IF NOT EXISTS visits (id TEXT PRIMARY KEY, visit TEXT, until INTEGER);
`;

const SOURCE_LINE = "id, name, flow_id AS flowId, flow_name AS flowName, flow_url AS flowUrl, comments, problem";

export class Directory extends DurableObject {
  /**
   * @param {DurableObjectState} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(TABLES);
  }

  /**
   * @param {string} query
   * @param {...(string | number)} values
   * @returns {any[]}
   */
  #rows(query, ...values) {
    return this.ctx.storage.sql.exec(query, ...values).toArray();
  }

  // Polls

  /** @param {PollLine} poll */
  showPoll({ url, title, status }) {
    const change = "ON CONFLICT (url) DO UPDATE SET title = excluded.title, status = excluded.status";
    this.#rows(`INSERT INTO polls VALUES (?, ?, ?) ${change}`, url, title, status);
  }

  /**
   * Lists the polls, the newest first.
   *
   * @returns {PollLine[]}
   */
  polls() {
    return this.#rows("SELECT url, title, status FROM polls ORDER BY rowid DESC LIMIT 100");
  }

  // Sources

  /** @param {{ id: string | number, name: string, flowId: string, flowName: string, flowUrl: string, flowToken: string, comments: boolean }} source */
  addSource({ id, name, flowId, flowName, flowUrl, flowToken, comments }) {
    const values = [String(id), name, flowId, flowName, flowUrl, flowToken, Number(comments)];
    this.#rows("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, '')", ...values);
  }

  /**
   * Lists the sources without their tokens.
   *
   * @returns {SourceLine[]}
   */
  sources() {
    return this.#rows(`SELECT ${SOURCE_LINE} FROM sources ORDER BY rowid`);
  }

  /**
   * Returns a source with its token, for posting.
   *
   * @param {string} id
   * @returns {Source | undefined}
   */
  source(id) {
    return this.#rows(`SELECT ${SOURCE_LINE}, flow_token AS flowToken FROM sources WHERE id = ?`, id)[0];
  }

  /**
   * @param {string} id
   * @param {boolean} comments
   */
  setComments(id, comments) {
    this.#rows("UPDATE sources SET comments = ? WHERE id = ?", Number(comments), id);
  }

  /**
   * Stores the reason why messages do not reach the source's flow. The empty string means that they do.
   *
   * @param {string} id
   * @param {string} problem
   */
  setProblem(id, problem) {
    this.#rows("UPDATE sources SET problem = ? WHERE id = ?", problem, id);
  }

  /**
   * Deletes all data of a source, including its token, because a user removed it in Flowdock.
   *
   * @param {string} id
   */
  forget(id) {
    this.#rows("DELETE FROM sources WHERE id = ?", id);
  }

  // People

  /**
   * Returns the person to whom a Flowdock user is linked.
   *
   * @param {string} flowdockId
   * @returns {Person | undefined}
   */
  userOf(flowdockId) {
    return this.#rows("SELECT id, name FROM people WHERE flowdock_id = ?", flowdockId)[0];
  }

  /**
   * Links a Flowdock user to a person.
   *
   * @returns Whether the user is linked now. A user who was linked before stays linked to the first person.
   * @param {string} flowdockId
   * @param {Person} person
   */
  link(flowdockId, { id, name }) {
    const row = this.#rows("INSERT OR IGNORE INTO people VALUES (?, ?, ?) RETURNING id", flowdockId, id, name);
    return row.length === 1;
  }

  // Visits: users who came from Flowdock to set up or configure a source, and the state of each visit

  /**
   * Stores a visit under the id in the browser's cookie.
   *
   * @param {string} id
   * @param {BegunVisit | AllowedVisit} visit
   */
  keepVisit(id, visit) {
    this.#rows("DELETE FROM visits WHERE until < ?", Date.now());
    this.#rows("INSERT OR REPLACE INTO visits VALUES (?, ?, ?)", id, JSON.stringify(visit), Date.now() + VISIT_MS);
  }

  /**
   * @param {string} id
   * @returns {BegunVisit | AllowedVisit | undefined}
   */
  visit(id) {
    const [row] = this.#rows("SELECT visit FROM visits WHERE id = ? AND until >= ?", id, Date.now());
    return row && JSON.parse(row.visit);
  }

  /**
   * Returns a visit and deletes it, so that it can be used only once.
   *
   * @param {string} id
   */
  endVisit(id) {
    const visit = this.visit(id);
    this.#rows("DELETE FROM visits WHERE id = ?", id);
    return visit;
  }
}
