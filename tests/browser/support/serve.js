// Serves the installed package, scripts of the tests, and an empty page with a Content-Security-Policy that the test chooses.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const folder = new URL("../../../node_modules/flowdock-integration/", import.meta.url);

/** Scripts of the tests that pages and workers load. */
const scripts = {
  "outbox-contract.js": new URL("../../node/support/outbox-contract.js", import.meta.url),
  "outbox-page.js": new URL("outbox-page.js", import.meta.url),
};

/** @returns {Promise<{ url: string, stop(): Promise<void> }>} */
export async function servePackage(scriptPolicy, connectPolicy = "*") {
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, "http://site").pathname.slice(1);
    if (name === "") {
      const policy = `default-src 'none'; connect-src ${connectPolicy}; img-src data:; script-src ${scriptPolicy}`;
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
      response.end("<!doctype html><title>test</title><link rel=icon href=data:,>");
      return;
    }
    try {
      const body = await readFile(scripts[name] ?? new URL(name, folder));
      response.writeHead(200, { "content-type": "text/javascript" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
