// A server in front of the inbox, as self-hosters have one: it takes a path away and passes everything on.

import { once } from "node:events";
import { createServer, request as send } from "node:http";

/** @returns `url`, under which the inbox is found once `forwardTo(localUrl)` was called, and `stop()`. */
export async function startFrontServer(path) {
  let target;
  const server = createServer((request, response) => {
    if (!request.url.startsWith(`${path}/`)) {
      response.writeHead(404).end();
      return;
    }
    const { method, headers } = request;
    const onward = send(`${target}${request.url.slice(path.length)}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      // An event stream begins before its first event.
      response.flushHeaders();
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    forwardTo(localUrl) {
      target = localUrl;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
