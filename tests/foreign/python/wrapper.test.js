// Runs PyPI `flowdock-api-wrapper` 1.1 against the inbox, in a Python environment in which it is installed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startInbox } from "../../node/support/inbox.js";

const program = fileURLToPath(new URL("wrapper.py", import.meta.url));

let inbox;

before(async () => {
  inbox = await startInbox();
});

after(() => inbox?.stop());

test("flowdock-api-wrapper posts an activity and a discussion, and reads them in all its ways", async () => {
  const { url, flow_token, api_token, organization, flow } = inbox;
  const given = JSON.stringify({ url, flow_token, api_token, organization, flow });
  const { stdout } = await promisify(execFile)(process.env.FLOWDOCK_PYTHON, [program, given], { timeout: 60_000 });
  assert.deepEqual(JSON.parse(stdout), {
    listed: ["updated ticket", "commented"],
    last: "Still dusty.",
    shown: "commented",
    tagged: [],
    thread: "Polish the flux capacitor",
    in_thread: 2,
    heard: "heard of at once",
    refused: '(400, b\'{"message":"Validation error","errors":{"title":["can\\\'t be blank"]}}\')',
  });
  const [first] = await inbox.get("/messages");
  assert.deepEqual(first.author, { name: "Marty", avatar: null });
});
