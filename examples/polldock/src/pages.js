// The pages.

import { html } from "flowdock-integration";
import { MAX_TEXT } from "./changes.js";
import { page } from "./page.js";

export function homePage({ origin, user, polls, sources }) {
  const [open, closed] = ["open", "closed"].map((status) => polls.filter((poll) => poll.status === status));
  return page(
    "Polls",
    html`${list("open", open)}${closed.length > 0 ? html`<h2>Closed</h2>${list("closed", closed)}` : ""}
<section><h2>Ask something</h2>${user ? newPoll : html`<p><a href="${origin}/login">Say who you are</a> first.</p>`}</section>
<section><h2>Flows</h2>${flows(sources)}</section>`,
  );
}

function list(id, polls) {
  if (polls.length === 0) return html`<p>There is no open poll.</p>`;
  return html`<ul id="${id}">${polls.map(({ url, title }) => html`<li><a href="${url}">${title}</a></li>`)}</ul>`;
}

const newPoll = html`<form method="post" action="/polls">
<label>Question <input name="title" required maxlength="${MAX_TEXT}"></label>
<label>More about it <input name="body" maxlength="${MAX_TEXT}"></label>
${[1, 2, 3, 4].map((number) => html`<label>Option ${number} <input name="option" maxlength="${MAX_TEXT}"></label>`)}
<button>Create the poll</button></form>`;

function flows(sources) {
  if (sources.length === 0) return html`<p>Polldock is in no flow yet. Add it from a flow’s settings in Flowdock.</p>`;
  const item = ({ id, name, flowName, comments, problem }) => html`<li data-source-id="${id}">
${flowName}: ${name}, ${comments ? "comments too" : "no comments"}${problem && html`<br><strong>${problem}</strong>`}</li>`;
  return html`<ul id="flows">${sources.map(item)}</ul>`;
}

export function pollPage(poll, user) {
  const isOpen = poll.status === "open";
  return page(
    poll.title,
    html`<p>${poll.body}</p>
<p>The poll is <b class="status ${poll.status}">${poll.status}</b>.
${user ? html`You are ${user.name}.` : html`<a href="${loginUrl(poll)}">Say who you are</a> to take part.`}</p>
<ul id="options">${poll.options.map((option) => optionItem(option, isOpen && user, option.id === poll.vote))}</ul>
${isOpen && user ? html`${textForm("addOption", "Another option", "Add")}${buttonForm("close", "", "Close the poll")}` : ""}
<section><h2>Comments</h2>
<ul id="comments">${poll.comments.map(({ name, text }) => html`<li><b>${name}</b>: ${text}</li>`)}</ul>
${user ? textForm("comment", "Comment", "Comment") : ""}</section>`,
  );
}

function loginUrl({ url }) {
  const login = new URL("/login", url);
  login.searchParams.set("next", new URL(url).pathname);
  return login;
}

function optionItem({ id, title, votes }, canVote, isMine) {
  const form = isMine ? buttonForm("unvote", "", "Take it back") : buttonForm("vote", id, "Vote");
  return html`<li><span>${title}</span> <output>${votes}</output> ${canVote ? form : ""}</li>`;
}

/** Forms go to the page that they are on. */
function buttonForm(change, value, label) {
  return html`<form method="post"><input type="hidden" name="change" value="${change}">
<button name="value" value="${value}">${label}</button></form>`;
}

function textForm(change, label, button) {
  return html`<form method="post"><input type="hidden" name="change" value="${change}">
<label>${label} <input name="value" required maxlength="${MAX_TEXT}"></label> <button>${button}</button></form>`;
}

/** @param {string | undefined} flowdockName The Flowdock user who is to become this person. */
export function loginPage({ claim, next, flowdockName, name }) {
  const isYou = html`<p>The Flowdock user <b>${flowdockName}</b> wants to vote in Polldock. Go on only if that is you and you
have just clicked in Flowdock: from then on, those clicks are yours.</p>`;
  return page(
    "Who are you?",
    html`${claim ? isYou : ""}<form method="post" action="/login">
<input type="hidden" name="claim" value="${claim}"><input type="hidden" name="next" value="${next}">
<label>Name <input name="name" required maxlength="60" value="${name}" autocomplete="name"></label>
<button>${claim ? "That is me" : "Go on"}</button></form>`,
  );
}

/** Asks before a source is made, or shows the settings of one. */
export function sourcePage({ flowName, source }) {
  const fields = source
    ? html`<p>${source.name} in ${flowName}</p>`
    : html`<p>From now on, <b id="flow">${flowName}</b> is told of all polls.</p>
<label>What it is called there <input name="name" value="All polls" required maxlength="60"></label>`;
  const isChecked = source?.comments ?? true;
  const comments = isChecked
    ? html`<input type="checkbox" name="comments" value="yes" checked>`
    : html`<input type="checkbox" name="comments" value="yes">`;
  return page(
    source ? "What is told" : "Add Polldock to this flow?",
    html`<form method="post">${fields}<label>${comments} Comments too</label>
<button>${source ? "Save" : "Add Polldock"}</button></form>`,
  );
}
