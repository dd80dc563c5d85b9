// The output of `cargo xtask example polldock`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../../../tests/node/support/inbox.js";
import { started } from "../../support/started.js";

test("start.js registers Polldock and prints its address", async () => {
  const inbox = await startInbox();
  const example = await started(new URL("../start.js", import.meta.url), inbox);
  try {
    const url = /^Polldock: open (\S+)$/.exec(example.lines[0])[1];
    assert.match(await (await fetch(url)).text(), /Polldock is in no flow yet/);
    const headers = { authorization: `Bearer ${inbox.api_token}` };
    const applications = await (await fetch(`${inbox.url}/oauth/applications`, { headers })).json();
    const polldock = applications.find(({ name }) => name === "Polldock");
    assert.deepEqual(
      [polldock.redirect_uris, polldock.setup_uri, polldock.configuration_uri],
      [[`${url}/flowdock/callback`], `${url}/flowdock/setup`, `${url}/flowdock/configure`],
    );
  } finally {
    await example.stop();
    await inbox.stop();
  }
});
