// Starts a real Chromium for a test.

import { chromium } from "playwright-core";

/** The options for the browser that CHROME names (`cargo xtask test` sets it). They switch off its own requests to the network. */
export const launchOptions = {
  executablePath: process.env.CHROME,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export const startChromium = () => chromium.launch(launchOptions);

/** Opens a page, and collects its console errors and uncaught exceptions in `page.mistakes`. */
export async function openPage(browser) {
  const page = await browser.newPage();
  page.mistakes = [];
  page.on("pageerror", (error) => page.mistakes.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.mistakes.push(message.text());
  });
  return page;
}
