// Puts the extension together: `node build.js`, and the folder build/ can be loaded.

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param {string} [folder] Where to; what is there goes.
 * @returns {Promise<string>} The folder, which Chromium loads.
 */
export async function build(folder = here("build")) {
  await rm(folder, { recursive: true, force: true });
  for (const file of ["manifest.json", "options.html", "popup.html", "style.css"]) {
    await cp(here(`src/${file}`), join(folder, file));
  }
  await bundle({
    entryPoints: ["background.js", "options.js", "popup.js"].map((file) => here(`src/${file}`)),
    outdir: folder,
    bundle: true,
    // Pages and service worker share what they have in common.
    splitting: true,
    format: "esm",
    target: "chrome123",
    legalComments: "none",
  });
  return folder;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await build());
