// Runs the files of docs/runtimes.md and docs/testing.md that need no more than Node and a little help: the handlers of servers are called, and pages and
// extensions find a document of jsdom and a `chrome` of this test. They post to an inbox.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";
import { setGlobals } from "./support/globals.js";
import { bundled, files } from "./support/guide.js";
import { startInbox } from "./support/inbox.js";

const guide = files(readFileSync(new URL("../../docs/runtimes.md", import.meta.url), "utf8"));
const secret = "kept on the server";
let inbox;
let runs = 0;

before(async () => {
  inbox = await startInbox();
  Object.assign(process.env, {
    FLOWDOCK_URL: inbox.url,
    FLOWDOCK_TOKEN: inbox.flow_token,
    FLOWDOCK_CLIENT_SECRET: secret,
  });
});

after(() => inbox?.stop());

/** Bundles a file of the guide and runs it. Returns its exports. */
async function run(name, env) {
  const { code, loader } = guide.find((file) => file.name === name) ?? assert.fail(name);
  runs += 1; // Node runs a file of the same name only once.
  const file = new URL(`./guide-${runs}.mjs`, import.meta.url);
  writeFileSync(file, await bundled(code, { loader, env }));
  try {
    return await import(file.href);
  } finally {
    rmSync(file);
  }
}

/** The content of the newest message. */
async function newest() {
  const [message] = await inbox.get("/messages?limit=1");
  return message.content;
}

/** Clicks on the button of a page, and returns the text that the page shows in the end. */
async function shown({ window, document = window.document }) {
  const output = document.querySelector("output");
  const isOver = new Promise((resolve) => {
    const look = () => output.textContent !== "posting…" && resolve(undefined);
    new window.MutationObserver(look).observe(output, { childList: true });
  });
  document.querySelector("button").click();
  await isOver;
  return output.textContent;
}

const request = (content) => new Request("https://example.com/", { method: "POST", body: content });

test("the page posts when its button is clicked, and shows a failure", async (context) => {
  for (const [token, expected] of [
    [inbox.flow_token, /^accepted$/],
    ["unknown", /^not_found: /],
  ]) {
    const page = new JSDOM("<button></button><output></output>");
    context.after(setGlobals({ document: page.window.document }));
    await run("main.js", { VITE_FLOWDOCK_URL: inbox.url, VITE_FLOWDOCK_TOKEN: token });
    assert.match(await shown(page), expected);
  }
});

test("the extension posts from its service worker, for the popup and for a content script", async (context) => {
  const page = new JSDOM("<title>Hill Valley</title><button></button><output></output>");
  const { document, Event } = page.window;
  let listener;
  const sendMessage = (message) =>
    new Promise((resolve) => assert.equal(listener(message, {}, resolve), true, "the answer comes later"));
  const settings = { baseUrl: inbox.url, flowToken: inbox.flow_token };
  const chrome = {
    runtime: {
      onMessage: {
        addListener(given) {
          listener = given;
        },
      },
      sendMessage,
      getPlatformInfo: async () => ({}),
    },
    storage: { local: { get: async () => settings } },
    tabs: { query: async () => [{ id: 7 }] },
  };
  context.after(setGlobals({ chrome, document, location: { href: "https://example.com/" } }));
  await run("src/service-worker.js");
  await run("popup.js");
  assert.deepEqual([await shown(page), await newest()], ["posted", "Shared a tab"]);

  const logged = new Promise((resolve) => context.mock.method(console, "log", resolve));
  await run("content.js");
  document.dispatchEvent(new Event("copy"));
  assert.deepEqual([await logged, await newest()], ["posted", "Copied from Hill Valley"]);
});

test("the worker posts", async () => {
  const { default: worker } = await run("src/index.js");
  const response = await worker.fetch(request("from a worker"), process.env);
  assert.deepEqual([await response.text(), await newest()], ["accepted", "from a worker"]);
});

for (const name of ["app/api/great-scott/route.js", "app/api/edge/route.js"]) {
  test(`${name} posts`, async () => {
    const { POST } = await run(name);
    const response = await POST(request(name));
    assert.deepEqual([await response.json(), await newest()], [{ kind: "accepted" }, name]);
  });
}

test("the server action posts", async () => {
  const { share } = await run("app/actions.js");
  const form = new FormData();
  form.set("content", "from a form");
  await share(form);
  assert.equal(await newest(), "from a form");
});

/** A click on an UpdateAction, as a server sends it. */
function click(url) {
  const target = { "@type": "EntryPoint", urlTemplate: url, httpMethod: "POST" };
  const body = JSON.stringify({ "@type": "UpdateAction", name: "Vote for pizza", target });
  const signature = createHash("sha256").update(body).digest("hex");
  const claims = { sub: "7", exp: Math.floor(Date.now() / 1000) + 30, signature };
  const parts = [{ alg: "HS256", typ: "JWT" }, claims];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return { body, token: `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}` };
}

test("the Lambda function verifies an action and posts", async () => {
  const { handler } = await run("index.mjs");
  const { body, token } = click("https://lambda.example/vote?for=pizza");
  const event = (given) => ({
    headers: { "flowdock-token": given },
    requestContext: { domainName: "lambda.example", http: { method: "POST" } },
    rawPath: "/vote",
    rawQueryString: "for=pizza",
  });
  for (const sent of [{ body }, { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }]) {
    assert.deepEqual(await handler({ ...event(token), ...sent }), { statusCode: 200, body: "posted" });
  }
  assert.equal(await newest(), "7: Vote for pizza");
  assert.deepEqual(await handler({ ...event("forged"), body }), { statusCode: 403, body: "token_malformed" });
});

test("the test of docs/testing.md finds its message in a real inbox", () => {
  const [{ name, code }] = files(readFileSync(new URL("../../docs/testing.md", import.meta.url), "utf8"));
  const file = fileURLToPath(new URL(name, import.meta.url));
  const path = [dirname(process.env.FLOWDOCK_INBOX), process.env.PATH].join(delimiter);
  writeFileSync(file, code);
  try {
    // Without this variable, which a test runner sets, its output is for people.
    const env = { ...process.env, PATH: path, NODE_TEST_CONTEXT: undefined };
    assert.match(execFileSync(process.execPath, ["--test", file], { encoding: "utf8", env }), /pass 1\n/);
  } finally {
    rmSync(file);
  }
});
