// What one sees on a click on the extension's button.

import { loadSettings } from "./settings.js";

const byId = (id) => document.getElementById(id);

byId("options").addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("share").addEventListener("submit", share);

// The click on the button is what allows the extension to know of this one tab.
const [{ title = "", url = "" }] = await chrome.tabs.query({ active: true, currentWindow: true });
const { flowToken } = await loadSettings();
const isOfTheWeb = /^https?:/.test(url);
byId("title").value = title;
byId("address").textContent = isOfTheWeb ? new URL(url).host : "";
byId("submit").disabled = !isOfTheWeb || !flowToken;
if (!isOfTheWeb) show("problem", "Only pages of the web can be shared.");
else if (!flowToken) show("problem", "Say in the options where to.");

async function share(event) {
  event.preventDefault();
  byId("submit").disabled = true;
  show("pending", "Sharing …");
  const page = { title: byId("title").value, url };
  const { problem } = await chrome.runtime.sendMessage({ page, comment: byId("comment").value });
  show(problem ? "problem" : "shared", problem ?? "Shared.");
  // What was not shared can be tried again; what was need not be shared twice.
  byId("submit").disabled = !problem;
}

function show(kind, text) {
  byId("outcome").dataset.kind = kind;
  byId("outcome").textContent = text;
}
