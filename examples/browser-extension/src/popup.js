// The popup that a click on the extension's button opens.

import { byId } from "./page.js";
import { loadSettings } from "./settings.js";

const title = byId("title", HTMLInputElement);
const comment = byId("comment", HTMLTextAreaElement);
const submit = byId("submit", HTMLButtonElement);
const outcome = byId("outcome", HTMLElement);

byId("options", HTMLElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("share", HTMLFormElement).addEventListener("submit", share);

// The click on the button gives the extension the permission to read this tab's title and URL.
const [{ title: tabTitle = "", url = "" }] = await chrome.tabs.query({ active: true, currentWindow: true });
const { flowToken } = await loadSettings();
const isOfTheWeb = /^https?:/.test(url);
title.value = tabTitle;
byId("address", HTMLElement).textContent = isOfTheWeb ? new URL(url).host : "";
submit.disabled = !isOfTheWeb || !flowToken;
if (!isOfTheWeb) show("problem", "Only pages of the web can be shared.");
else if (!flowToken) show("problem", "Say in the options where to.");

/** @param {Event} event */
async function share(event) {
  event.preventDefault();
  submit.disabled = true;
  show("pending", "Sharing …");
  const page = { title: title.value, url };
  const { problem } = await chrome.runtime.sendMessage({ page, comment: comment.value });
  show(problem ? "problem" : "shared", problem ?? "Shared.");
  // After a failure the user can try again. A page that was shared is not shared twice.
  submit.disabled = !problem;
}

/**
 * @param {string} kind
 * @param {string} text
 */
function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
