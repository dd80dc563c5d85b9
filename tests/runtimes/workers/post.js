// A worker that posts with the package: one message, one with its own client, one with a shared client, or a storm.

import { Client, chatMessage, validate } from "flowdock-integration";
import { storm } from "../../node/support/storm.js";

const post = async (client, { searchParams }) => {
  const content = searchParams.get("content");
  return client.post({ event: "message", content, external_thread_id: content });
};

const options = ({ searchParams }) => ({ baseUrl: searchParams.get("at"), flowToken: "29991", concurrency: 1 });

/** A Durable Object whose requests share one client. */
export class Poster {
  /** @type {Client | undefined} */
  client;

  async fetch(request) {
    const url = new URL(request.url);
    this.client ??= new Client(options(url));
    return Response.json(await post(this.client, url));
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/each") return Response.json(await post(new Client(options(url)), url));
    if (url.pathname === "/object") return env.POSTER.get(env.POSTER.idFromName("one")).fetch(request);
    if (request.method === "POST") {
      const { binding, count, threads, ...options } = await request.json();
      if (binding) options.fetch = (url, init) => env.INBOX.fetch(url, init);
      return Response.json(await storm(new Client(options), count, threads));
    }
    const client = new Client({ baseUrl: env.URL, flowToken: env.TOKEN });
    const result = await client.post(chatMessage({ content: "from the edge", external_thread_id: "edge" }));
    return Response.json({ result, report: validate({}) });
  },
};
