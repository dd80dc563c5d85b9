// Bundles the page. `cargo xtask page` runs this script in the repository, with the folder of the built package and the folder of the page as
// arguments. The page's sources name the package as its users do.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const [packageFolder, folder] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  metafile: true,
  entryPoints: ["www/main.js", "www/main.css"],
  outdir: folder,
  bundle: true,
  splitting: true,
  minify: true,
  sourcemap: "linked",
  format: "esm",
  target: "es2022",
  alias: { "flowdock-integration": resolve(packageFolder, "index.js") },
  logLevel: "warning",
});
copyFileSync(resolve("www", "icon.svg"), resolve(folder, "icon.svg"));
// The bundles share parts. index.html names those that main.js needs, so that a browser loads them at once.
const main = Object.entries(metafile.outputs).find(([name]) => basename(name) === "main.js");
const shared = (main?.[1].imports ?? []).filter(({ kind }) => kind === "import-statement");
const preloads = shared.map(({ path }) => `<link rel="modulepreload" href="${basename(path)}">`);
const page = readFileSync(resolve("www", "index.html"), "utf8");
writeFileSync(resolve(folder, "index.html"), page.replace("<!-- preloads -->", preloads.join("\n  ")));
// The inbox sends these as they are. It would compress faster and worse.
const { BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY } = constants;
for (const name of readdirSync(folder).filter((name) => /\.(js|css|html|svg)$/.test(name))) {
  const bytes = readFileSync(resolve(folder, name));
  writeFileSync(resolve(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  const params = { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY };
  writeFileSync(resolve(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
}
