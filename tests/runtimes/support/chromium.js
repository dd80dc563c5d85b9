// Runs the program in Chromium.

import { openPage, startChromium } from "../../browser/support/chromium.js";
import { startSite } from "./site.js";

/** Starts Chromium until the row ends. */
export async function chromiumOf(row) {
  const browser = await startChromium();
  row.atEnd(() => browser.close());
  return browser;
}

/**
 * Opens a page that has a global function `run`, and calls it.
 *
 * @param {string} url
 */
export async function runPage(browser, url, given) {
  const page = await openPage(browser);
  await page.goto(url);
  try {
    await page.waitForFunction(() => "run" in globalThis, undefined, { timeout: 60_000 });
  } catch {
    throw new Error(`the page has not defined its function: ${page.mistakes.join("\n")}`);
  }
  return page.evaluate((given) => /** @type {any} */ (globalThis).run(given), given);
}

/** Runs a bundle of the row's folder in a page of Chromium. `script` is the bundle's path, `type` that of the script element. */
export async function runInChromium(row, given, { script, type = "module" }) {
  const site = await startSite(row, { script, type });
  return runPage(await chromiumOf(row), site.url, given);
}
