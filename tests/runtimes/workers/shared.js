// A worker whose incoming requests share a client and an OAuth object of the module.

import { Client, OAuth } from "flowdock-integration";

let client;
let oauth;

/** Durable Objects of one isolate, which share the client too. */
export class Poster {
  constructor(state) {
    this.state = state;
  }

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/object") return answer(searchParams);
    await this.state.blockConcurrencyWhile(async () => {
      if (pathname === "/block-by-timer") await new Promise((resolve) => setTimeout(resolve, 50));
      else await (await fetch(`${searchParams.get("at")}/block`, { method: "POST", body: "{}" })).text();
    });
    return Response.json("unblocked");
  }
}

async function answer(searchParams) {
  const [baseUrl, content, thread] = ["at", "content", "thread"].map((name) => searchParams.get(name));
  const timeoutMs = Number(searchParams.get("timeout") ?? 2_000);
  client ??= new Client({ baseUrl, flowToken: "29991", concurrency: 1, retry: false, timeoutMs });
  try {
    return Response.json((await client.post({ event: "message", content, external_thread_id: thread })).kind);
  } catch ({ code }) {
    return Response.json(code);
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ping") return Response.json("pong");
    const object = searchParams.get("object");
    if (object) return env.POSTER.get(env.POSTER.idFromName(object)).fetch(request);
    const baseUrl = searchParams.get("at");
    // Tells the server of the test that this request has begun.
    await fetch(`${baseUrl}/begun`, { method: "PUT" });
    if (pathname === "/refresh") {
      const timeoutMs = Number(searchParams.get("timeout"));
      oauth ??= new OAuth({
        baseUrl,
        clientId: "a",
        clientSecret: "b",
        redirectUri: "https://app.example/",
        timeoutMs,
      });
      return Response.json(await oauth.refresh("r1").catch(({ code }) => code));
    }
    if (pathname !== "/all") return answer(searchParams);
    client ??= new Client({ baseUrl, flowToken: "29991", concurrency: 1, retry: false });
    const message = { event: "message", content: "x", external_thread_id: searchParams.get("thread") };
    const kinds = [];
    for await (const { value } of client.postAll([message, message])) kinds.push(value.kind);
    return Response.json(kinds);
  },
};
