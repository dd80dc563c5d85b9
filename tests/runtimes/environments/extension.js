// A browser extension (Manifest V3) in Chromium: its service worker, its popup, and a content script.

import { build } from "esbuild";
import { chromium } from "playwright-core";
import { launchOptions } from "../../browser/support/chromium.js";
import { runPage } from "../support/chromium.js";
import { everywhere } from "../support/given.js";
import { startSite } from "../support/site.js";

const manifest = {
  manifest_version: 3,
  name: "The program",
  version: "1",
  background: { service_worker: "service-worker.js", type: "module" },
  action: { default_popup: "popup.html" },
  content_scripts: [{ matches: ["http://127.0.0.1/*"], js: ["content-script.js"] }],
  host_permissions: ["http://127.0.0.1/*"],
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
};

/** Bundles the extension. All of its scripts are the program with a global function; the content script answers messages of its page. */
async function makeExtension(row) {
  await row.write("extension/manifest.json", JSON.stringify(manifest));
  await row.write("extension/popup.html", '<!doctype html><script type="module" src="popup.js"></script>');
  await row.write(
    "content-script.js",
    `import "./page.js";
    addEventListener("message", async ({ data }) => data.given && postMessage({ result: await run(data.given) }));`,
  );
  // The page that asks the content script.
  await row.write(
    "asks-content-script.js",
    `globalThis.run = (given) => new Promise((resolve) => {
      addEventListener("message", ({ data }) => data.result && resolve(data.result));
      postMessage({ given });
    });`,
  );
  const entryPoints = { "service-worker": "page.js", popup: "page.js", "content-script": "content-script.js" };
  for (const [name, entry] of Object.entries(entryPoints)) {
    const format = name === "content-script" ? "iife" : "esm";
    const outfile = row.path(`extension/${name}.js`);
    await build({ entryPoints: [row.path(entry)], bundle: true, format, outfile });
  }
}

export const group = "browser";
export const rows = [
  {
    name: "Extension (MV3)",
    parts: [
      { name: "service worker", note: "the manifest needs `'wasm-unsafe-eval'`" },
      { name: "popup", note: "the manifest needs `'wasm-unsafe-eval'`" },
      { name: "content script", note: "the page's policy decides" },
      {
        name: "content script on a page with a strict CSP",
        note: "WebAssembly is refused (`wasm_unavailable`): let the service worker do it",
        expects: everywhere("wasm_unavailable"),
      },
    ],
    async run(row) {
      await makeExtension(row);
      const context = await chromium.launchPersistentContext(row.path("profile"), {
        ...launchOptions,
        ignoreDefaultArgs: ["--disable-extensions"],
        args: [...launchOptions.args, `--load-extension=${row.path("extension")}`],
      });
      row.atEnd(() => context.close());
      row.version = context.browser().version();
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
      await row.part("service worker", (given) =>
        worker.evaluate((given) => /** @type {any} */ (globalThis).run(given), given),
      );
      const popup = new URL("popup.html", worker.url()).href;
      await row.part("popup", (given) => runPage(context, popup, given));
      const script = "/asks-content-script.js";
      const free = await startSite(row, { script });
      await row.part("content script", (given) => runPage(context, free.url, given));
      const strict = await startSite(row, { script, policy: "default-src 'self'" });
      await row.part("content script on a page with a strict CSP", (given) => runPage(context, strict.url, given));
    },
  },
];
