// Puts the extension together: `node build.js`, and the folder build/ can be loaded.

import { cp, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";

const source = new URL("src/", import.meta.url);
const target = new URL("build/", import.meta.url);

/** @returns {Promise<string>} The folder that Chromium loads. */
export async function build() {
  await rm(target, { recursive: true, force: true });
  for (const file of ["manifest.json", "options.html", "popup.html", "style.css"]) {
    await cp(new URL(file, source), new URL(file, target));
  }
  await bundle({
    entryPoints: ["background.js", "options.js", "popup.js"].map((file) => fileURLToPath(new URL(file, source))),
    outdir: fileURLToPath(target),
    bundle: true,
    // Pages and service worker share what they have in common.
    splitting: true,
    format: "esm",
    target: "chrome123",
    legalComments: "none",
  });
  return fileURLToPath(target);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await build());
