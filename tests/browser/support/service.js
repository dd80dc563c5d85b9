// A service that offers actions. It records the requests and gives the answer that the test sets.

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** @returns `url`; `received`, the requests; `answer`, which a test sets to `{ status, headers }`; and `stop()`. */
export async function startService() {
  const service = { answer: { status: 200 }, received: [] };
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    service.received.push({ method, url, headers, body: await text(request) });
    response.writeHead(service.answer.status, service.answer.headers).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  service.url = `http://127.0.0.1:${server.address().port}`;
  service.stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  };
  return service;
}
