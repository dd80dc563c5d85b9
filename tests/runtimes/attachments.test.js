// Files that a worker sends, in workerd.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../node/support/inbox.js";
import { startWorker } from "./support/worker.js";

const worker = `
  import { activity, Client } from "flowdock-integration";
  export default {
    async fetch(request, env) {
      const message = activity({
        author: "Doc", title: "x", body: '<img src="cid:odd">', external_thread_id: "files", thread: { title: "Files" },
      });
      const attachments = { odd: new File([await request.arrayBuffer()], 'Zürich "ü".bin', { type: "image/png" }) };
      const client = new Client({ baseUrl: env.URL, flowToken: env.TOKEN });
      return Response.json(await client.post(message, { attachments }));
    },
  };
`;

test("a worker sends a file as it is", async () => {
  const inbox = await startInbox();
  const miniflare = await startWorker(worker, { bindings: { URL: inbox.url, TOKEN: inbox.flow_token } });
  try {
    const odd = Uint8Array.from([...Array(256).keys(), 13, 10, 45, 45]);
    const answer = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: odd });
    const { kind, uuid } = await answer.json();
    const [message] = await inbox.get("/messages");
    assert.deepEqual([kind, uuid], ["accepted", message.uuid]);
    const [{ path, ...file }] = message.attachments;
    const expected = { content_type: "image/png", content_id: "odd", file_name: 'Zürich "ü".bin', file_size: odd.length };
    assert.deepEqual(file, expected);
    const response = await fetch(inbox.url + path, { headers: { authorization: `Bearer ${inbox.api_token}` } });
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), odd);
  } finally {
    await miniflare.dispose();
    await inbox.stop();
  }
});
