// Builds the extension. After `node build.js` a browser can load the folder build/.

import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";
import { icon, SIZES } from "./icon.js";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the extension.
 *
 * @param {string} [folder] The folder to write. Its old content is deleted.
 * @returns {Promise<string>} The folder, which Chromium can load.
 */
export async function build(folder = here("build")) {
  await rm(folder, { recursive: true, force: true });
  for (const file of ["manifest.json", "options.html", "popup.html", "style.css"]) {
    await cp(here(`src/${file}`), join(folder, file));
  }
  for (const size of SIZES) await writeFile(join(folder, `icon-${size}.png`), icon(size));
  await bundle({
    entryPoints: ["background.js", "options.js", "popup.js"].map((file) => here(`src/${file}`)),
    outdir: folder,
    bundle: true,
    // The code that the pages and the service worker share goes into files of its own.
    splitting: true,
    format: "esm",
    target: "chrome123",
    legalComments: "none",
  });
  return folder;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await build());
