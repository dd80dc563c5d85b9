// A service that offers actions. It records the requests and gives the answer that the test sets.

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/**
 * @returns `url`; `received`, the requests; `answer`, which a test sets to `{ status, headers }` or to a function that makes this from the
 *   request; and `stop()`.
 */
export async function startService() {
  /** @type {any} */
  const service = { answer: { status: 200 }, received: [] };
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    service.received.push({ method, url, headers, body: await text(request) });
    const answer = typeof service.answer === "function" ? service.answer(request) : service.answer;
    response.writeHead(answer.status, answer.headers).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  service.url = `http://127.0.0.1:${server.address().port}`;
  service.stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  };
  return service;
}
