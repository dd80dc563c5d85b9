// A page with the package in which inline scripts and handlers may run, so that a test can notice them.

import { openPage, startChromium } from "./chromium.js";
import { servePackage } from "./serve.js";

/** Opens the page and runs `prepare` in it. */
export async function openLivePage(prepare) {
  const [browser, site] = await Promise.all([
    startChromium(),
    servePackage("'self' 'wasm-unsafe-eval' 'unsafe-inline'"),
  ]);
  const page = await openPage(browser);
  await page.goto(site.url);
  await page.evaluate(prepare);
  return { page, close: () => Promise.all([browser.close(), site.stop()]) };
}
