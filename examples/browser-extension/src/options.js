// The page of options: the server, the flow token and the user's name.

import { mistakeIn, testConnection } from "./connection.js";
import { byId } from "./page.js";
import { loadSettings, saveSettings } from "./settings.js";

/** @import { Settings } from "./settings.js" */

const form = byId("settings", HTMLFormElement);
const button = byId("save", HTMLButtonElement);
const outcome = byId("outcome", HTMLElement);

for (const [name, value] of Object.entries(await loadSettings())) input(name).value = value;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const settings = { baseUrl: said("baseUrl"), flowToken: said("flowToken"), name: said("name") };
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

/** @param {string} name */
function input(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {string} name */
function said(name) {
  return input(name).value.trim();
}

/**
 * Tests the options and saves them, unless they can never work. Options that may work later are saved: the server may be down now, or this
 * computer may be without a network.
 *
 * @param {Settings} settings
 */
async function save(settings) {
  show("pending", "Testing the connection …");
  const { problem, mayPass } = await testConnection(settings);
  if (problem && !mayPass) return show("problem", `Not saved. ${problem}`);
  await saveSettings(settings);
  if (problem) show("problem", `Saved, but it does not work yet. ${problem}`);
  else show("shared", "Saved. The server knows the flow token.");
}

/**
 * @param {string} kind
 * @param {string} text
 */
function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
