// `verifyAction` in workerd with genuine, forged and stale requests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorker } from "../../examples/support/worker.js";
import { read } from "../node/support/cases.js";

test("verifyAction gives the outcome that the table names for each call in workerd", async () => {
  const worker = await startWorker(new URL("./workers/action.js", import.meta.url));
  try {
    const table = read("callbacks.json");
    const response = await worker.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(table) });
    assert.deepEqual(
      await response.json(),
      table.calls.map(({ name, outcome }) => ({ name, outcome })),
    );
  } finally {
    await worker.dispose();
  }
});
