// Opens the view in which one tries a message, and reads it as a user does.

import { openPage } from "./chromium.js";
import { openSignedIn } from "./demo-page.js";

/** Opens the view, signed in to the inbox. */
export async function openTry(browser, inbox) {
  const page = await openPage(browser);
  await openSignedIn(page, inbox);
  await goToTry(page);
  return page;
}

/** Goes to the view of a page that is open. */
export async function goToTry(page, query = "") {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/try${query}`);
  await page.locator("#verdict").waitFor();
}

/** Waits until the page has drawn all changes. */
export const drawn = (page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

export async function violations(page) {
  await drawn(page);
  return page.locator("#report li").evaluateAll((lines) => lines.map(({ dataset }) => [dataset.code, dataset.path]));
}

/** Returns the text behind a tab, such as the JSON or the code. */
export async function behindTab(page, tab) {
  await page.getByRole("tab", { name: tab, exact: true }).click();
  await drawn(page);
  return page.locator("#output-panel code").first().innerText();
}

/** Returns the message as the page shows it. */
export const shownMessage = async (page) => JSON.parse(await behindTab(page, "JSON"));

export async function chooseExample(page, id) {
  await page.locator("#examples-button").click();
  await page.locator(`#${id}`).click();
  await drawn(page);
}

/** Returns the texts that are underlined. */
export async function underlined(page, severity) {
  await drawn(page);
  return page.evaluate((name) => [...(CSS.highlights.get(name) ?? [])].map(String), severity);
}

export async function chooseMode(page, mode) {
  await page.locator("label", { has: page.locator(`#mode-${mode}`) }).click();
  await drawn(page);
}

export async function selected(page) {
  await drawn(page);
  return page.evaluate(() => String(getSelection()));
}
