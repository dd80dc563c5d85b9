// A page with the package, in which inline scripts and handlers are allowed to run, so that it shows when they do.

import { openPage, startChromium } from "./chromium.js";
import { servePackage } from "./serve.js";

/** Opens it and runs a function in it. */
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
