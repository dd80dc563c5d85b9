// The HTML of Polldock's pages.

import { MAX_TEXT } from "./changes.js";
import { markup } from "./markup.js";
import { backTo, HOME, page } from "./page.js";

/** @import { Person } from "./changes.js" */
/** @import { PollLine, SourceLine } from "./directory.js" */
/** @import { Option, PollState } from "./poll.js" */

/** @param {{ inboxUrl: string, user: Person | undefined, polls: PollLine[], sources: SourceLine[] }} home */
export function homePage({ inboxUrl, user, polls, sources }) {
  const [open, closed] = ["open", "closed"].map((status) => polls.filter((poll) => poll.status === status));
  const isReady = user !== undefined && sources.length > 0;
  return page(
    "Polls",
    markup`${user ? markup`<p class="quiet">You are ${user.name}. <a href="/login">Change the name</a></p>` : ""}
${isReady ? "" : firstSteps(inboxUrl, user, sources)}
${open.length > 0 ? list("open", open) : ""}
${open.length === 0 && isReady ? markup`<p class="empty">No poll is open. Ask something: the flow sees it at once.</p>` : ""}
${user ? markup`<section><h2>Ask something</h2>${newPoll}</section>` : ""}
${closed.length > 0 ? markup`<section><h2>Closed</h2>${list("closed", closed)}</section>` : ""}
${sources.length > 0 ? markup`<section><h2>Flows</h2>${flows(sources)}</section>` : ""}`,
  );
}

/**
 * Says what is to do before the first poll.
 *
 * @param {string} inboxUrl
 * @param {Person | undefined} user
 * @param {SourceLine[]} sources
 */
function firstSteps(inboxUrl, user, sources) {
  const inFlow = [...new Set(sources.map(({ flowName }) => flowName))].join(", ");
  const steps = [
    inFlow
      ? step("done", markup`Polldock is in ${inFlow}.`)
      : step(
          "open",
          markup`<b>Add Polldock to a flow.</b> Polldock is in no flow yet, so nobody is told of a poll. Open the
<a href="${inboxUrl}">inbox</a>, look for Polldock among its integrations, and click on <i>Set up</i>.`,
        ),
    user
      ? step("done", markup`You are ${user.name}.`)
      : step("open", markup`<b><a href="/login">Say who you are</a>.</b> A name is enough.`),
    step("open", markup`<b>Ask something.</b> The poll becomes a thread in the flow, and people can vote there.`),
  ];
  return markup`<section class="first"><h2>First steps</h2><ol class="steps">${steps}</ol></section>`;
}

/**
 * @param {string} state
 * @param {unknown} text
 */
function step(state, text) {
  return markup`<li class="${state}"><span>${state === "done" ? markup`<span class="unseen">Done: </span>` : ""}${text}</span></li>`;
}

/**
 * @param {string} id
 * @param {PollLine[]} polls
 */
function list(id, polls) {
  const lines = polls.map(
    ({ url, title, status }) =>
      markup`<li><a href="${url}">${title}</a> <span class="status ${status}">${status}</span></li>`,
  );
  return markup`<ul id="${id}" class="polls">${lines}</ul>`;
}

const newPoll = markup`<form method="post" action="/polls">
<label>Question <input name="title" required maxlength="${MAX_TEXT}" placeholder="Lunch?"></label>
<label>More about it <small>optional</small> <input name="body" maxlength="${MAX_TEXT}"></label>
<div class="pair">${[1, 2, 3, 4].map((number) => markup`<label>Option ${number}${number > 2 ? markup` <small>optional</small>` : ""} <input name="option" maxlength="${MAX_TEXT}"></label>`)}</div>
<button>Create the poll</button></form>`;

/** @param {SourceLine[]} sources */
function flows(sources) {
  /** @param {SourceLine} source */
  const item = ({ id, name, flowName, flowUrl, comments, problem }) => markup`<li data-source-id="${id}">
${flowUrl ? markup`<a href="${flowUrl}">${flowName}</a>` : flowName}: ${name}, ${comments ? "comments too" : "no comments"}${problem && markup`<br><strong class="problem">${problem}</strong>`}</li>`;
  return markup`<ul id="flows">${sources.map(item)}</ul>`;
}

/**
 * @param {PollState} poll
 * @param {Person | undefined} user
 * @param {SourceLine[]} sources The sources whose flows are told of the poll.
 */
export function pollPage(poll, user, sources) {
  const canChange = poll.status === "open" && user !== undefined;
  const total = poll.options.reduce((sum, { votes }) => sum + votes, 0);
  const back = [HOME, ...backTo(sources)].map(({ url, text }) => markup`<a href="${url}">${text}</a> `);
  return page(
    poll.title,
    markup`<p class="quiet"><b class="status ${poll.status}">${poll.status}</b>
${total === 1 ? "1 vote" : `${total} votes`}. ${user ? markup`You are ${user.name}.` : markup`<a href="${loginUrl(poll)}">Say who you are</a> to take part.`}</p>
${poll.body ? markup`<p>${poll.body}</p>` : ""}
<ul id="options">${poll.options.map((option) => optionItem(option, canChange, option.id === poll.vote, total))}</ul>
${canChange ? textForm("addOption", "Another option", "Add") : ""}
<section><h2>Comments</h2>
${poll.comments.length > 0 ? "" : markup`<p class="quiet">Nobody has said anything yet.</p>`}
<ul id="comments">${poll.comments.map(({ name, text }) => markup`<li><b>${name}</b>: ${text}</li>`)}</ul>
${user ? textForm("comment", "Comment", "Comment") : ""}</section>
<p class="links">${back}${canChange ? markup`<a class="danger" href="${poll.url}/close">Close the poll …</a>` : ""}</p>`,
  );
}

/**
 * Asks before a poll is closed.
 *
 * @param {PollState} poll
 */
export function closePage({ url, title }) {
  return page(
    "Close this poll?",
    markup`<p><b>${title}</b></p>
<p>Nobody can vote or add an option any more. A closed poll cannot be opened again.</p>
<form method="post" action="${url}" class="links"><input type="hidden" name="change" value="close">
<button class="danger" name="value" value="">Close the poll</button> <a class="button plain" href="${url}">Keep it open</a></form>`,
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
 * @param {number} total The votes for all options.
 */
function optionItem({ id, title, votes }, canVote, isMine, total) {
  const form = isMine ? buttonForm("unvote", "", "Take it back") : buttonForm("vote", id, "Vote");
  const share = markup`<meter min="0" max="${Math.max(total, 1)}" value="${votes}" aria-hidden="true"></meter>`;
  return markup`<li${isMine ? markup` class="mine"` : ""}><span>${title}</span> <output>${votes}</output> ${canVote ? form : ""}${share}</li>`;
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
<div class="line"><label>${label} <input name="value" required maxlength="${MAX_TEXT}"></label> <button class="plain">${button}</button></div></form>`;
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
    markup`<form method="post">${fields}<label class="check">${comments} Comments too</label>
<button>${source ? "Save" : "Add Polldock"}</button></form>`,
  );
}
