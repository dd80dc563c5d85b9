// Runs the rounds of bench/encode.mjs in a page of Chromium.

import { build } from "esbuild";
import { startChromium } from "../tests/browser/support/chromium.js";
import { path, readMessages } from "./files.mjs";
import { progress } from "./measure.mjs";

/** Returns `{ version, times }`, or undefined if CHROME names no browser. */
export async function timeInChromium(settings) {
  if (!process.env.CHROME) {
    progress("Chromium: left out, CHROME names none");
    return undefined;
  }
  const { outputFiles } = await build({
    entryPoints: [path("bench/browser.mjs")],
    bundle: true,
    format: "iife",
    globalName: "bench",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    page.on("console", (message) => process.stderr.write(`Chromium ${message.text()}\n`));
    await page.addScriptTag({ content: outputFiles[0].text });
    const times = await page.evaluate(
      ([messages, settings]) => bench.timeEncoding(messages, settings),
      [readMessages(), settings],
    );
    return { version: browser.version(), times };
  } finally {
    await browser.close();
  }
}
