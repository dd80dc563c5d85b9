// Starts a real Chromium for a test.

import { chromium } from "playwright-core";

/** The one that CHROME names, as `cargo xtask test` found it; without what it would ask of the network by itself. */
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

/** A page whose console errors and uncaught exceptions are collected in `page.mistakes`. */
export async function openPage(browser) {
  const page = await browser.newPage();
  page.mistakes = [];
  page.on("pageerror", (error) => page.mistakes.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.mistakes.push(message.text());
  });
  return page;
}
