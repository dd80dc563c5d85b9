// The page of options: the server, the flow token and the user's name.

import { mistakeIn, readAddress, testConnection } from "./connection.js";
import { byId } from "./page.js";
import { loadSettings, saveSettings } from "./settings.js";

/** @import { Problem } from "./connection.js" */
/** @import { Settings } from "./settings.js" */

const form = byId("settings", HTMLFormElement);
const button = byId("save", HTMLButtonElement);
const outcome = byId("outcome", HTMLElement);

/** The inputs by the names of the options, each with the element for its problem. */
const fields = {
  baseUrl: { input: byId("base-url", HTMLInputElement), problem: byId("base-url-problem", HTMLElement) },
  flowToken: { input: byId("flow-token", HTMLInputElement), problem: byId("flow-token-problem", HTMLElement) },
  name: { input: byId("name", HTMLInputElement), problem: byId("name-problem", HTMLElement) },
};

const { baseUrl, flowToken, name } = await loadSettings();
for (const [key, value] of Object.entries({ baseUrl, flowToken, name })) {
  fields[/** @type {keyof Settings} */ (key)].input.value = value;
}

fields.baseUrl.input.addEventListener("input", () => {
  const address = readAddress(fields.baseUrl.input.value);
  if (!address) return;
  fields.baseUrl.input.value = address.baseUrl;
  fields.flowToken.input.value = address.flowToken;
  show("pending", "The flow token is filled in as well.");
  (fields.name.input.value ? button : fields.name.input).focus();
});

form.addEventListener("input", () => mark(undefined));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const settings = { baseUrl: said("baseUrl"), flowToken: said("flowToken"), name: said("name") };
  const mistake = mistakeIn(settings);
  mark(mistake);
  if (mistake) return show("problem", "Not saved.");
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

/** @param {keyof Settings} key */
function said(key) {
  return fields[key].input.value.trim();
}

/**
 * Tests the options and saves them, unless they can never work. Options that may work later are saved: the server may be down now, or this
 * computer may be without a network.
 *
 * @param {Settings} settings
 */
async function save(settings) {
  show("pending", "Testing the connection …");
  const problem = await testConnection(settings);
  mark(problem);
  if (problem && !problem.mayPass) return show("problem", "Not saved.");
  await saveSettings(settings);
  if (problem) show("problem", "Saved, but it does not work yet.");
  else show("shared", "Saved. The server knows the flow token.");
}

/**
 * Shows a problem at its field, and goes there. Without a problem, removes the one that is shown.
 *
 * @param {Problem | undefined} problem
 */
function mark(problem) {
  for (const [key, field] of Object.entries(fields)) {
    const isHere = key === problem?.field;
    field.input.setAttribute("aria-invalid", String(isHere));
    field.problem.textContent = isHere ? problem.text : "";
    if (isHere) field.input.focus();
  }
}

/**
 * @param {string} kind
 * @param {string} text
 */
function show(kind, text) {
  outcome.dataset.kind = kind;
  outcome.textContent = text;
}
