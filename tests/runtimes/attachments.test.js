// The option `attachments` in workerd.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorker } from "../../examples/support/worker.js";
import { startInbox } from "../node/support/inbox.js";

test("a worker sends a file byte for byte", async () => {
  const inbox = await startInbox();
  const bindings = { URL: inbox.url, TOKEN: inbox.flow_token };
  const worker = await startWorker(new URL("./workers/attachments.js", import.meta.url), { bindings });
  try {
    const odd = Uint8Array.from([...Array(256).keys(), 13, 10, 45, 45]);
    const answer = await worker.dispatchFetch("http://worker/", { method: "POST", body: odd });
    const { kind, uuid } = /** @type {any} */ (await answer.json());
    const [message] = await inbox.get("/messages");
    assert.deepEqual([kind, uuid], ["accepted", message.uuid]);
    const [{ path, ...file }] = message.attachments;
    const expected = {
      content_type: "image/png",
      content_id: "odd",
      file_name: 'Zürich "ü".bin',
      file_size: odd.length,
    };
    assert.deepEqual(file, expected);
    const response = await fetch(inbox.url + path, { headers: { authorization: `Bearer ${inbox.api_token}` } });
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), odd);
  } finally {
    await worker.dispose();
    await inbox.stop();
  }
});
