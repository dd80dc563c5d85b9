// The HTML of Polldock's pages.

import { MAX_TEXT } from "./changes.js";
import { markup } from "./markup.js";
import { page } from "./page.js";

/** @import { Person } from "./changes.js" */
/** @import { PollLine, SourceLine } from "./directory.js" */
/** @import { Option, PollState } from "./poll.js" */

/** @param {{ origin: string, user: Person | undefined, polls: PollLine[], sources: SourceLine[] }} home */
export function homePage({ origin, user, polls, sources }) {
  const [open, closed] = ["open", "closed"].map((status) => polls.filter((poll) => poll.status === status));
  return page(
    "Polls",
    markup`${list("open", open)}${closed.length > 0 ? markup`<h2>Closed</h2>${list("closed", closed)}` : ""}
<section><h2>Ask something</h2>${user ? newPoll : markup`<p><a href="${origin}/login">Say who you are</a> first.</p>`}</section>
<section><h2>Flows</h2>${flows(sources)}</section>`,
  );
}

/**
 * @param {string} id
 * @param {PollLine[]} polls
 */
function list(id, polls) {
  if (polls.length === 0) return markup`<p>There is no open poll.</p>`;
  return markup`<ul id="${id}">${polls.map(({ url, title }) => markup`<li><a href="${url}">${title}</a></li>`)}</ul>`;
}

const newPoll = markup`<form method="post" action="/polls">
<label>Question <input name="title" required maxlength="${MAX_TEXT}"></label>
<label>More about it <input name="body" maxlength="${MAX_TEXT}"></label>
${[1, 2, 3, 4].map((number) => markup`<label>Option ${number} <input name="option" maxlength="${MAX_TEXT}"></label>`)}
<button>Create the poll</button></form>`;

/** @param {SourceLine[]} sources */
function flows(sources) {
  if (sources.length === 0)
    return markup`<p>Polldock is in no flow yet. Add it from a flow’s settings in Flowdock.</p>`;
  /** @param {SourceLine} source */
  const item = ({ id, name, flowName, comments, problem }) => markup`<li data-source-id="${id}">
${flowName}: ${name}, ${comments ? "comments too" : "no comments"}${problem && markup`<br><strong>${problem}</strong>`}</li>`;
  return markup`<ul id="flows">${sources.map(item)}</ul>`;
}

/**
 * @param {PollState} poll
 * @param {Person | undefined} user
 */
export function pollPage(poll, user) {
  const isOpen = poll.status === "open";
  return page(
    poll.title,
    markup`<p>${poll.body}</p>
<p>The poll is <b class="status ${poll.status}">${poll.status}</b>.
${user ? markup`You are ${user.name}.` : markup`<a href="${loginUrl(poll)}">Say who you are</a> to take part.`}</p>
<ul id="options">${poll.options.map((option) => optionItem(option, isOpen && user !== undefined, option.id === poll.vote))}</ul>
${isOpen && user ? markup`${textForm("addOption", "Another option", "Add")}${buttonForm("close", "", "Close the poll")}` : ""}
<section><h2>Comments</h2>
<ul id="comments">${poll.comments.map(({ name, text }) => markup`<li><b>${name}</b>: ${text}</li>`)}</ul>
${user ? textForm("comment", "Comment", "Comment") : ""}</section>`,
  );
}

/** @param {PollState} poll */
function loginUrl({ url }) {
  const login = new URL("/login", url);
  login.searchParams.set("next", new URL(url).pathname);
  return login;
}

/**
 * @param {Option} option
 * @param {boolean} canVote
 * @param {boolean} isMine
 */
function optionItem({ id, title, votes }, canVote, isMine) {
  const form = isMine ? buttonForm("unvote", "", "Take it back") : buttonForm("vote", id, "Vote");
  return markup`<li><span>${title}</span> <output>${votes}</output> ${canVote ? form : ""}</li>`;
}

/**
 * Makes a form with one button. It has no `action`, so it is sent to the address of its page.
 *
 * @param {string} change
 * @param {string | number} value
 * @param {string} label
 */
function buttonForm(change, value, label) {
  return markup`<form method="post"><input type="hidden" name="change" value="${change}">
<button name="value" value="${value}">${label}</button></form>`;
}

/**
 * @param {string} change
 * @param {string} label
 * @param {string} button
 */
function textForm(change, label, button) {
  return markup`<form method="post"><input type="hidden" name="change" value="${change}">
<label>${label} <input name="value" required maxlength="${MAX_TEXT}"></label> <button>${button}</button></form>`;
}

/** @param {{ claim: string, next: string, flowdockName?: string, name: string }} shown `name` is the person, `flowdockName` the Flowdock user to link. */
export function loginPage({ claim, next, flowdockName, name }) {
  const isYou = markup`<p>The Flowdock user <b>${flowdockName}</b> wants to vote in Polldock. Go on only if that is you and you
have just clicked in Flowdock: from then on, those clicks are yours.</p>`;
  return page(
    "Who are you?",
    markup`${claim ? isYou : ""}<form method="post" action="/login">
<input type="hidden" name="claim" value="${claim}"><input type="hidden" name="next" value="${next}">
<label>Name <input name="name" required maxlength="60" value="${name}" autocomplete="name"></label>
<button>${claim ? "That is me" : "Go on"}</button></form>`,
  );
}

/**
 * Makes the page that asks before it creates a source, or the page with the settings of a source.
 *
 * @param {{ flowName: string, source?: SourceLine }} shown
 */
export function sourcePage({ flowName, source }) {
  const fields = source
    ? markup`<p>${source.name} in ${flowName}</p>`
    : markup`<p>From now on, <b id="flow">${flowName}</b> is told of all polls.</p>
<label>What it is called there <input name="name" value="All polls" required maxlength="60"></label>`;
  const isChecked = source?.comments ?? true;
  const comments = isChecked
    ? markup`<input type="checkbox" name="comments" value="yes" checked>`
    : markup`<input type="checkbox" name="comments" value="yes">`;
  return page(
    source ? "What is told" : "Add Polldock to this flow?",
    markup`<form method="post">${fields}<label>${comments} Comments too</label>
<button>${source ? "Save" : "Add Polldock"}</button></form>`,
  );
}
