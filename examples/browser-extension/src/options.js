// Where pages are shared to, and in whose name.

import { Client } from "flowdock-integration";
import { loadSettings, saveSettings } from "./settings.js";

const form = document.getElementById("settings");
const outcome = document.getElementById("outcome");

for (const [name, value] of Object.entries(await loadSettings())) form.elements[name].value = value;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const settings = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  try {
    // It sends nothing, and refuses what could not be posted with.
    new Client({ baseUrl: settings.baseUrl, flowToken: settings.flowToken });
  } catch ({ message }) {
    show("problem", message);
    return;
  }
  await saveSettings(settings);
  show("shared", "Saved.");
});

function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
