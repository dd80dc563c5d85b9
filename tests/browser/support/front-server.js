// A proxy in front of the inbox, as a self-hosted inbox may have one. It removes a prefix of the path and forwards each request.

import { once } from "node:events";
import { createServer, request as send } from "node:http";

/** @returns `url`, the address of the proxy; `forwardTo(localUrl)`, which sets the inbox; and `stop()`. */
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
      // The headers are sent at once, because the first event of an event stream may come much later.
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
