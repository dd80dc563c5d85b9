// A worker whose incoming requests share a client and an OAuth object of the module.

import { Client, OAuth } from "flowdock-integration";

let client;
let oauth;

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ping") return Response.json("pong");
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
    client ??= new Client({ baseUrl, flowToken: "29991", concurrency: 1, retry: false, timeoutMs: 600_000 });
    const [content, thread] = [searchParams.get("content"), searchParams.get("thread")];
    const message = { event: "message", content, external_thread_id: thread };
    try {
      if (pathname === "/all") {
        const kinds = [];
        for await (const { value } of client.postAll([message, message])) kinds.push(value.kind);
        return Response.json(kinds);
      }
      return Response.json((await client.post(message)).kind);
    } catch ({ code }) {
      return Response.json(code);
    }
  },
};
