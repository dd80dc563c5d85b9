// Where pages are shared to, and in whose name.

import { Client } from "flowdock-integration";
import { loadSettings, saveSettings } from "./settings.js";

const form = document.getElementById("settings");
const outcome = document.getElementById("outcome");

for (const [name, value] of Object.entries(await loadSettings())) form.elements[name].value = value;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const settings = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  const problem = problemOf(settings);
  if (!problem) await saveSettings(settings);
  outcome.dataset.kind = problem ? "problem" : "shared";
  outcome.textContent = problem ?? "Saved.";
});

function problemOf({ baseUrl, flowToken }) {
  if (isRefused({ baseUrl, flowToken: "any" })) return "The base URL must begin with https://, or with http:// on this machine.";
  if (isRefused({ baseUrl, flowToken })) return "A flow token is one word.";
}

/** A client sends nothing before it is asked to, and refuses what it could not post with. */
function isRefused(options) {
  try {
    new Client(options);
    return false;
  } catch {
    return true;
  }
}
