// Vite: a built page, the page of its development server, and rendering on a server.

import { chromiumOf, runPage } from "../support/chromium.js";

export const group = "framework";
export const packages = { vite: "8.4.0" };

/** Options for every row. Vite's cache is in the row's folder, so that it is new in each run. */
const options = (row, more) => ({
  root: row.folder,
  configFile: false,
  cacheDir: row.path("cache"),
  logLevel: "warn",
  ...more,
});

const page = '<!doctype html><script type="module" src="/page.js"></script>';

/** Builds the program for Node and runs it. */
const ssr = (noExternal) => async (row, given) => {
  const { build } = await row.load("vite");
  await build(options(row, { ssr: { noExternal }, build: { ssr: "print.js", outDir: "dist" } }));
  return row.result(process.execPath, ["dist/print.js", JSON.stringify(given)]);
};

/** Builds the page and runs it. */
async function built(row, given) {
  await row.write("index.html", page);
  const { build, preview } = await row.load("vite");
  await build(options(row, {}));
  const server = await preview(options(row, { preview: { host: "127.0.0.1", port: 0 } }));
  row.atEnd(() => server.close());
  return runPage(await chromiumOf(row), server.resolvedUrls.local[0], given);
}

export const rows = [
  {
    name: "Vite, build",
    run: built,
  },
  {
    name: "Vite, build with `slim`",
    note: "Vite's `?url` puts the `.wasm` files beside the page's script",
    async run(row, given) {
      await row.write(
        "page.js",
        `import core from "flowdock-integration/core.wasm?url";
        import service from "flowdock-integration/service.wasm?url";
        import * as flowdock from "flowdock-integration/slim";
        import { program } from "./program.js";
        for (const url of [core, service]) await flowdock.init(await fetch(url));
        globalThis.run = (given) => program(flowdock, given);`,
      );
      return built(row, given);
    },
  },
  {
    name: "Vite, dev",
    async run(row, given) {
      await row.write("index.html", page);
      const { createServer } = await row.load("vite");
      const server = await createServer(options(row, { server: { host: "127.0.0.1", port: 0, watch: null } }));
      row.atEnd(() => server.close());
      await server.listen();
      return runPage(await chromiumOf(row), server.resolvedUrls.local[0], given);
    },
  },
  { name: "Vite, SSR build", run: ssr([]) },
  { name: "Vite, SSR build with the package bundled", run: ssr(true) },
  {
    name: "Vite, SSR of the development server",
    async run(row, given) {
      const { createServer } = await row.load("vite");
      const server = await createServer(options(row, { server: { middlewareMode: true, watch: null, ws: false } }));
      row.atEnd(() => server.close());
      const { handler } = await server.ssrLoadModule("/lambda.js");
      return JSON.parse((await handler({ body: JSON.stringify(given) })).body);
    },
  },
];
