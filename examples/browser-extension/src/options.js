// Where pages are shared to, and in whose name.

import { mistakeIn, testConnection } from "./connection.js";
import { loadSettings, saveSettings } from "./settings.js";

const form = document.getElementById("settings");
const button = document.getElementById("save");
const outcome = document.getElementById("outcome");

for (const [name, value] of Object.entries(await loadSettings())) form.elements[name].value = value;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const settings = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  const mistake = mistakeIn(settings);
  if (mistake) return show("problem", mistake);
  button.disabled = true;
  try {
    await save(settings);
  } catch (error) {
    console.error(error);
    show("problem", "Not saved. This should not have happened: the console of this page has more.");
  } finally {
    button.disabled = false;
  }
});

/** What cannot work is not saved. What may work later is: the server may be down, or this computer without a network. */
async function save(settings) {
  show("pending", "Testing the connection …");
  const { problem, mayPass } = await testConnection(settings);
  if (problem && !mayPass) return show("problem", `Not saved. ${problem}`);
  await saveSettings(settings);
  if (problem) show("problem", `Saved, but it does not work yet. ${problem}`);
  else show("shared", "Saved. The server knows the flow token.");
}

function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
