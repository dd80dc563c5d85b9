// The changes that people can make to a poll.
//
// Each change gets the poll's database, the poll's state, the person and a value. It changes the database and returns the title of an activity,
// the text of a discussion, or nothing if nothing changed. It may also refuse, with a problem.

import { html } from "flowdock-integration";

/** @import { SafeHtml } from "flowdock-integration" */
/** @import { Option, PollState } from "./poll.js" */

/**
 * @typedef {{ id: string, name: string }} Person
 * @typedef {{ status: number, text: string }} Problem
 * @typedef {{ title?: SafeHtml, comment?: string, problem?: Problem }} Told
 * @typedef {(sql: SqlStorage, poll: PollState, user: Person, value: string) => Told} Change
 */

export const MAX_OPTIONS = 20;
export const MAX_TEXT = 500;

/**
 * @param {number} status
 * @param {string} text
 * @returns {Told}
 */
const refuse = (status, text) => ({ problem: { status, text } });

/** @type {Record<string, Change>} */
const changes = {
  vote(sql, { options, vote }, user, value) {
    const [chosen, before] = [value, vote].map((id) => options.find((option) => String(option.id) === String(id)));
    if (!chosen) return refuse(404, "There is no such option.");
    if (chosen === before) return {};
    sql.exec("INSERT OR REPLACE INTO votes (user, option) VALUES (?, ?)", user.id, chosen.id);
    if (before) return { title: html`changed a vote from ${before.title} to ${chosen.title}` };
    return { title: html`voted for ${chosen.title}` };
  },

  unvote(sql, { options, vote }, user) {
    const before = options.find(({ id }) => id === vote);
    if (!before) return {};
    sql.exec("DELETE FROM votes WHERE user = ?", user.id);
    return { title: html`took the vote for ${before.title} back` };
  },

  addOption(sql, { options }, _user, value) {
    if (!isText(value)) return refuse(400, `An option has 1 to ${MAX_TEXT} characters.`);
    if (options.some(({ title }) => title === value)) return {};
    if (options.length >= MAX_OPTIONS) return refuse(400, `A poll has at most ${MAX_OPTIONS} options.`);
    sql.exec("INSERT INTO options (title) VALUES (?)", value);
    return { title: html`added the option ${value}` };
  },

  comment(sql, _poll, user, value) {
    if (!isText(value)) return refuse(400, `A comment has 1 to ${MAX_TEXT} characters.`);
    sql.exec("INSERT INTO comments (name, text) VALUES (?, ?)", user.name, value);
    return { comment: value };
  },

  close(sql, { options }) {
    sql.exec("UPDATE poll SET status = 'closed'");
    return { title: html`closed the poll: ${result(options)}` };
  },
};

/** The names of the changes. */
export const CHANGES = Object.keys(changes);

/**
 * Makes a change to a poll.
 *
 * @param {string} change
 * @param {SqlStorage} sql
 * @param {PollState} poll
 * @param {Person} user
 * @param {string} value
 * @returns {Told}
 */
export function make(change, sql, poll, user, value) {
  if (poll.status === "closed" && change !== "comment") return refuse(409, "The poll is closed.");
  return changes[change](sql, poll, user, value);
}

/** @param {string} value */
function isText(value) {
  return value !== "" && value.length <= MAX_TEXT;
}

/** @param {Option[]} options */
function result(options) {
  const most = Math.max(...options.map(({ votes }) => votes));
  if (most === 0) return "nobody voted";
  const leaders = options.filter(({ votes }) => votes === most).map(({ title }) => title);
  const votes = most === 1 ? "1 vote" : `${most} votes`;
  return leaders.length === 1
    ? `${leaders[0]} wins with ${votes}`
    : `${leaders.join(" and ")} are even with ${votes} each`;
}
