// The popup that a click on the extension's button opens.

import { byId } from "./page.js";
import { loadSettings } from "./settings.js";

const form = byId("share", HTMLFormElement);
const title = byId("title", HTMLInputElement);
const comment = byId("comment", HTMLTextAreaElement);
const submit = byId("submit", HTMLButtonElement);
const outcome = byId("outcome", HTMLElement);

/** Whether the user was told that the page was shared before. */
let isRepeated = false;

for (const id of ["options", "first-options"]) {
  byId(id, HTMLElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
}
form.addEventListener("submit", share);
comment.addEventListener("input", nameSubmit);

// The click on the button gives the extension the permission to read this tab's title and URL.
const [{ title: tabTitle = "", url = "" }] = await chrome.tabs.query({ active: true, currentWindow: true });
const { baseUrl, flowToken } = await loadSettings();
if (flowToken) showForm();
else showFirst();

function showForm() {
  form.hidden = false;
  const isOfTheWeb = /^https?:/.test(url);
  title.value = tabTitle;
  byId("address", HTMLElement).textContent = isOfTheWeb ? new URL(url).host : "";
  submit.disabled = !isOfTheWeb;
  if (isOfTheWeb) comment.focus();
  else show("problem", "Only pages of the web can be shared.");
}

/** Says what to do before the first page can be shared, or after the source was removed. */
function showFirst() {
  if (baseUrl) {
    byId("first-title", HTMLElement).textContent = "A new flow token is needed";
    byId("first-text", HTMLElement).textContent =
      "Somebody removed the source from the flow, so its token no longer works. Enter the token of a new source in the options.";
  }
  byId("first", HTMLElement).hidden = false;
  byId("first-options", HTMLElement).focus();
}

/** @param {Event} event */
async function share(event) {
  event.preventDefault();
  submit.disabled = true;
  show("pending", "Sharing …");
  const page = { title: title.value, url };
  const answer = await chrome.runtime.sendMessage({ share: { page, comment: comment.value, again: isRepeated } });
  if (answer.isRepeated) {
    isRepeated = true;
    show("pending", "You have shared this page before. Write a comment for its thread, or share it again.");
  } else if (answer.problem) {
    show("problem", answer.problem);
  } else {
    const { problem, isKept } = await outcomeOf(answer.uuid);
    if (isKept) show("kept", `${problem} The page is kept, and shared as soon as that works.`);
    else show(problem ? "problem" : "shared", problem ?? "Shared.");
  }
  nameSubmit();
  // A page that is kept or was shared is not shared twice. In all other cases the user can try again.
  const { kind } = outcome.dataset;
  submit.disabled = kind === "shared" || kind === "kept";
}

/** @param {string} uuid */
async function outcomeOf(uuid) {
  try {
    return await chrome.runtime.sendMessage({ outcome: uuid });
  } catch {
    return { problem: "The browser has stopped the extension for a moment.", isKept: true };
  }
}

function nameSubmit() {
  submit.textContent = isRepeated && comment.value.trim() === "" ? "Share again" : "Share";
}

/**
 * @param {string} kind
 * @param {string} text
 */
function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
