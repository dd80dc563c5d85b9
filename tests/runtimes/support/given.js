// What the program is given, and what it must give for that: an inbox behind two faults, and two calls of an action.

import { deepStrictEqual } from "node:assert/strict";
import { read } from "../../node/support/cases.js";
import { startFaultProxy } from "../../node/support/fault-proxy.js";
import { forge } from "../../node/support/forge.js";
import { startInbox } from "../../node/support/inbox.js";

/** What the program returns wherever everything works. */
export const expected = {
  good: { valid: true, violations: [] },
  bad: ["required /content", "required_one_of "],
  refused: "invalid_message",
  sanitized: "<p>1 &lt; 2 <del>é</del></p><p></p>",
  html: 'fixed <a href="https://example.com/?a=1&amp;b=2">#88</a> in <b>&lt;1.21 GW&gt;</b>',
  posted: { kind: "accepted", attempts: 3, maybeDuplicate: false },
  genuine: "UpdateAction of user 7",
  forged: "signature_invalid",
};

/** What the program returns where every step fails with this code. */
export const everywhere = (code) => Object.fromEntries(Object.keys(expected).map((step) => [step, code]));

const table = read("callbacks.json");

async function call(row) {
  const { request } = await forge(row, table);
  const { url, method, headers } = request();
  return { url, method, headers: Object.fromEntries(headers), body: await request().text() };
}

const calls = {
  genuine: await call({}),
  // Signed by somebody who does not know the secret.
  forged: await call({ key: "a guess" }),
};

/** Starts an inbox. A proxy before it answers 503 first; then it loses an answer of the inbox. `given` is plain data. */
export async function makeGiven() {
  const inbox = await startInbox();
  const proxy = await startFaultProxy(inbox.url, { script: ["503", "502 after"] });
  return {
    given: {
      url: proxy.url,
      token: inbox.flow_token,
      secret: table.secret,
      now: table.now * 1000,
      ...calls,
    },
    /**
     * Throws unless the result is the expected one and the inbox has the message that the result tells of.
     *
     * @param {any} result
     * @param {Record<string, any>} [wanted]
     */
    async judge(result, wanted = expected) {
      deepStrictEqual(result, wanted);
      const stored = await inbox.get("/messages");
      deepStrictEqual(
        stored.map(({ body }) => body),
        typeof wanted.posted === "string" ? [] : ["<p>Great <b>Scott</b>!</p>"],
      );
    },
    async stop() {
      await proxy.stop();
      await inbox.stop();
    },
  };
}
