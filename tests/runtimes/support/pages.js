// The pages that every browser is tested with. None of them uses a bundler, except the classic worker, which can import nothing.

import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { everywhere } from "./given.js";
import { startSite } from "./site.js";

/** Both forbid everything else. The inbox is on another origin. */
const policy = (scripts) => `default-src 'none'; connect-src *; img-src data:; script-src ${scripts}`;

export const parts = [
  { name: "`<script type=module>`" },
  { name: "`slim`" },
  { name: "module worker" },
  { name: "classic worker" },
  { name: "CSP with `'wasm-unsafe-eval'`" },
  {
    name: "CSP without `'wasm-unsafe-eval'`",
    note: "WebAssembly is refused: each call throws a `FlowdockError` with the code `wasm_unavailable`",
    expects: everywhere("wasm_unavailable"),
  },
];

/**
 * Runs the program in each of the pages.
 *
 * @param {any} row
 * @param {(url: string, given: any) => Promise<any>} runPage Opens a page and calls its function `run`.
 */
export async function runPages(row, runPage) {
  await build({ entryPoints: [row.path("worker.js")], bundle: true, format: "iife", outfile: row.path("classic.js") });
  const without = (entry, module) => text(row, entry).replace('"flowdock-integration"', `"/package/${module}"`);
  await row.write("unbundled-page.js", without("page.js", "index.js"));
  await row.write("unbundled-worker.js", without("worker.js", "index.js"));
  await row.write(
    "slim-page.js",
    // Both modules, because the program checks messages and verifies actions.
    `import * as flowdock from "/package/slim.js";
    import { program } from "./program.js";
    for (const name of ["core", "service"]) await flowdock.init(await fetch(\`/package/\${name}.wasm\`));
    globalThis.run = (given) => program(flowdock, given);`,
  );
  const worker = (type, url) => `/start-worker.js?${new URLSearchParams({ type, url })}`;
  const pages = [
    { script: "/unbundled-page.js" },
    { script: "/slim-page.js" },
    { script: worker("module", "/unbundled-worker.js") },
    { script: worker("classic", "/classic.js") },
    { script: "/unbundled-page.js", policy: policy("'self' 'wasm-unsafe-eval'") },
    { script: "/unbundled-page.js", policy: policy("'self'") },
  ];
  for (const [index, { name }] of parts.entries()) {
    const { url } = await startSite(row, pages[index]);
    await row.part(name, (given) => runPage(url, given));
  }
}

const text = (row, entry) => readFileSync(row.path(entry), "utf8");
