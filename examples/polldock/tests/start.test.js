// The output of `cargo xtask example polldock`.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { startInbox } from "../../../tests/node/support/inbox.js";
import { started } from "../../support/started.js";

test("start.js registers Polldock, and prints its address and the steps of the README", async () => {
  const inbox = await startInbox();
  const example = await started(new URL("../start.js", import.meta.url), inbox);
  try {
    const url = /^Polldock runs at (\S+)$/.exec(example.lines[0])[1];
    assert.match(await (await fetch(url)).text(), /Polldock is in no flow yet/);
    const headers = { authorization: `Bearer ${inbox.api_token}` };
    const applications = await (await fetch(`${inbox.url}/oauth/applications`, { headers })).json();
    const polldock = applications.find(({ name }) => name === "Polldock");
    assert.deepEqual(
      [polldock.redirect_uris, polldock.setup_uri, polldock.configuration_uri],
      [[`${url}/flowdock/callback`], `${url}/flowdock/setup`, `${url}/flowdock/configure`],
    );
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const steps = stepsOf(readme);
    assert.equal(steps.length, 4);
    assert.deepEqual(stepsOf(example.lines.join("\n")), steps);
  } finally {
    await example.stop();
    await inbox.stop();
  }
});

/** The numbered steps of a text, without its line breaks and its emphasis. */
function stepsOf(text) {
  const steps = text.matchAll(/^\d\. (.*(?:\n {3}.*)*)/gm);
  return [...steps].map(([, step]) => step.replace(/\n +/g, " ").replace(/[_"]/g, ""));
}
