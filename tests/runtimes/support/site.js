// Serves a row's folder, and the installed package at /package/, with a page whose Content-Security-Policy the row chooses.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = { ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm" };

/**
 * Starts the site until the row ends.
 *
 * @param {any} row
 * @param {{ script?: string, type?: string, policy?: string }} page The script of the page at `/`, and the page's Content-Security-Policy.
 */
export async function startSite(row, { script, type = "module", policy }) {
  const html = `<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="${type}" src="${script}"></script>`;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const headers = policy === undefined ? {} : { "content-security-policy": policy };
    if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers }).end(html);
      return;
    }
    const [, inPackage] = pathname.match(/^\/package\/(.*)$/) ?? [];
    const path = inPackage === undefined ? join(row.folder, pathname) : join(row.package, inPackage);
    try {
      const body = await readFile(path);
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  row.atEnd(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { url: `http://127.0.0.1:${server.address().port}/` };
}
