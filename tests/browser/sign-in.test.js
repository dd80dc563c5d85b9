// How the demo page signs in, and what becomes of its tokens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./support/chromium.js";
import { openSignedIn, openView, storageOf } from "./support/demo-page.js";
import { inbox, openForEachTest, page } from "./support/each-test.js";
import { startService } from "./support/service.js";

openForEachTest(openPage);

const live = () => page.locator("#stream-state[data-state=live]");
const off = (hasText) => page.locator("#stream-state[data-state=off]", { hasText });
const apiTokenField = () => page.locator("#api-token");
const sessionKey = () => `flowdock-inbox session ${inbox.url}`;
const flowTokenKey = () => `flowdock-inbox flow token ${inbox.url}`;

async function sessions() {
  const headers = { authorization: `Bearer ${inbox.api_token}` };
  return (await fetch(`${inbox.url}/sessions`, { headers })).json();
}

/** Ends all sessions from outside. */
async function endSessions() {
  const headers = { authorization: `Bearer ${inbox.api_token}` };
  for (const { id } of await sessions()) await fetch(`${inbox.url}/sessions/${id}`, { method: "DELETE", headers });
}

/** The address of the view of the connection, with the given connection in it. */
const addressOf = (query) => `${inbox.url}/#/connection?${new URLSearchParams(query)}`;

/** Types into a field and leaves it. */
async function type(id, value) {
  await page.locator(`#${id}`).fill(value);
  await page.locator(`#${id}`).blur();
}

/** The URLs of the tab's history. */
async function historyOf(page) {
  const devtools = await page.context().newCDPSession(page);
  const { entries } = await devtools.send("Page.getNavigationHistory");
  return entries.map(({ url }) => url);
}

test("the page trades its tokens for a session: no address has them, and a reload works", async () => {
  await endSessions();
  const requested = [];
  page.on("request", (request) => requested.push(request));
  await openSignedIn(page, inbox);
  assert.equal(page.url(), `${inbox.url}/`, "without what is the default anyway");
  await openView(page, "connection");
  assert.equal(await apiTokenField().getAttribute("placeholder"), "signed in");
  const storage = await storageOf(page);
  assert.deepEqual(Object.keys(storage).sort(), [flowTokenKey(), sessionKey()]);
  assert.equal(storage[flowTokenKey()], inbox.flow_token);
  assert.notEqual(storage[sessionKey()], inbox.api_token);

  // A fragment that is put into the address of the open page.
  const { api_token, flow_token } = inbox;
  const fragment = String(new URLSearchParams({ api_token, flow_token, flow: "other" }));
  await page.evaluate((fragment) => {
    location.hash = fragment;
  }, fragment);
  await off("404").waitFor();
  assert.equal(page.url(), `${inbox.url}/#/inbox?flow=other`);
  await page.goBack();
  await live().waitFor();

  const entries = await historyOf(page);
  assert.ok(entries.length > 1);
  for (const url of entries) assert.ok(!url.includes(api_token) && !url.includes(flow_token), url);
  assert.equal((await sessions()).length, 1, "the page goes on with its session");

  const [{ renewed_at: before }] = await sessions();
  await page.reload();
  await live().waitFor();
  const [{ renewed_at: after }, ...others] = await sessions();
  assert.ok(after > before, "a reload lets the session last longer");
  assert.deepEqual(others, []);

  // The API token is in no URL, and it opened nothing but the session.
  const withApiToken = requested.filter((request) => {
    const { authorization = "" } = request.headers();
    return authorization.includes(api_token) || request.url().includes(`=${api_token}`);
  });
  assert.deepEqual(
    withApiToken.map((request) => new URL(request.url()).pathname),
    ["/session"],
  );
});

test("an API token that is typed in is traded as well; a wrong one is not kept", async () => {
  await page.goto(`${inbox.url}/`);
  await off("the API token is missing").waitFor();
  await page.getByRole("link", { name: "Enter a token" }).click();
  await page.locator("#api-token:focus").waitFor();
  await type("api-token", "0123456789abcdef0123456789abcdef");
  await off("401").waitFor();
  assert.deepEqual(await storageOf(page), {});
  await type("api-token", inbox.api_token);
  await live().waitFor();
  assert.equal(await apiTokenField().inputValue(), "");
  assert.equal(await apiTokenField().getAttribute("placeholder"), "signed in");
  assert.deepEqual(Object.keys(await storageOf(page)), [sessionKey()]);

  await type("flow-token", inbox.flow_token);
  await page.reload();
  await live().waitFor();
  assert.equal(await page.locator("#flow-token").inputValue(), inbox.flow_token);
});

test("a session that is ended elsewhere ends the page's stream, and the page asks for the API token", async () => {
  await endSessions();
  await openSignedIn(page, inbox);
  await openView(page, "integrations");
  await page.locator("#sources li").first().waitFor();
  const stream = page.waitForEvent("requestfinished", (request) => request.url().includes("text%2Fevent-stream"));
  await endSessions();
  await Promise.all([stream, off("the session has ended").waitFor()]);
  assert.deepEqual(Object.keys(await storageOf(page)), [flowTokenKey()]);
  await page.locator("#integrations-problem", { hasText: "the API token is needed again" }).waitFor();
  assert.equal(await page.locator("#sources li").count(), 0);

  await page.locator("#integrations-problem").getByRole("link", { name: "sign in" }).click();
  await page.locator("#api-token:focus").waitFor();
  assert.equal(await apiTokenField().getAttribute("placeholder"), "");
  await type("api-token", inbox.api_token);
  await live().waitFor();
  await openView(page, "integrations");
  await page.locator("#sources li").first().waitFor();
});

test("a session that ended while no page was open gives way to the API token of the fragment", async () => {
  await openSignedIn(page, inbox);
  const { [sessionKey()]: ended } = await storageOf(page);
  await page.goto("about:blank");
  await endSessions();
  await page.goto(`${inbox.url}/`);
  await off("the API token is missing").waitFor();
  await page.evaluate(([key, ended]) => localStorage.setItem(key, ended), [sessionKey(), ended]);
  await page.goto("about:blank");
  await openSignedIn(page, inbox);
  assert.notEqual((await storageOf(page))[sessionKey()], ended);
});

test("a base URL of somebody else gets none of the tokens that are kept", async (t) => {
  const foreign = await startService();
  t.after(() => foreign.stop());
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
  foreign.answer = ({ method }) => ({ status: method === "OPTIONS" ? 204 : 404, headers });
  await openSignedIn(page, inbox);
  const secrets = [inbox.flow_token, inbox.api_token, ...Object.values(await storageOf(page))];
  const authorizations = () => foreign.received.flatMap(({ headers }) => headers.authorization ?? []);
  const leaked = () => secrets.filter((secret) => JSON.stringify(foreign.received).includes(secret));

  /** Checks that the page has nothing to send. Then makes it send what the user types, to see that it would have. */
  const check = async () => {
    await off("the API token is missing").waitFor();
    assert.equal(await page.locator("#flow-token").inputValue(), "");
    assert.deepEqual(authorizations(), []);
    assert.deepEqual(leaked(), []);
    await type("api-token", "typed-for-it");
    await off("404").waitFor();
    assert.deepEqual([...new Set(authorizations())], ["Bearer typed-for-it"]);
    assert.deepEqual(leaked(), []);
    // The page may still be sending requests with the typed token.
    await page.waitForLoadState("networkidle");
    foreign.received.length = 0;
  };

  /** A link alone sends nothing: the user opens the other inbox. */
  const openLinked = async () => {
    await page.locator(".banner", { hasText: new URL(foreign.url).host }).waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(foreign.received, []);
    await page.locator("#open-linked").click();
  };

  // In an address as the demo prints it, and in that of a view.
  const evil = String(new URLSearchParams({ base_url: foreign.url }));
  for (const fragment of [evil, `/connection?${evil}`]) {
    await page.evaluate((fragment) => {
      location.hash = fragment;
    }, fragment);
    await openLinked();
    await openView(page, `connection?${evil}`);
    await check();
    await page.goto("about:blank");
    await page.goto(`${inbox.url}/#${fragment}`);
    await openLinked();
    await openView(page, `connection?${evil}`);
    await check();
    await page.goto("about:blank");
    await openSignedIn(page, inbox);
  }
  await page.goto(addressOf({ base_url: foreign.url }));
  await openLinked();
  // The user changes the base URL, and changes it back.
  await type("base-url", inbox.url);
  await live().waitFor();
  assert.equal(await page.locator("#flow-token").inputValue(), inbox.flow_token);
  await type("base-url", `${foreign.url}/`);
  await check();

  // Its own API token goes to it alone, and is not kept.
  await page.goto("about:blank");
  const requested = [];
  page.on("request", (request) => requested.push([request.url(), request.headers().authorization]));
  await page.goto(`${inbox.url}/#${evil}&api_token=token-of-it`);
  await openLinked();
  await off("404").waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(page.url(), `${inbox.url}/#/inbox?${evil}`);
  await openView(page, `connection?${evil}`);
  assert.deepEqual([...new Set(authorizations())], ["Bearer token-of-it"]);
  assert.equal(await apiTokenField().inputValue(), "token-of-it");
  const elsewhere = requested.filter(([url]) => !url.startsWith(foreign.url));
  assert.ok(elsewhere.length > 0);
  assert.ok(!JSON.stringify(elsewhere).includes("Bearer token-of-it"));
  assert.ok(!JSON.stringify(await storageOf(page)).includes("token-of-it"));

  // A flow token that was given for it belongs to it alone.
  await type("flow-token", "flow-token-of-it");
  await type("base-url", inbox.url);
  await live().waitFor();
  assert.equal(await page.locator("#flow-token").inputValue(), inbox.flow_token);
  assert.equal((await storageOf(page))[`flowdock-inbox flow token ${foreign.url}`], "flow-token-of-it");
});

test("the consent page signs in as the inbox's page does, and forgets a token that the inbox refuses", async () => {
  await endSessions();
  const query = { client_id: inbox.client_id, response_type: "code", scope: "flow" };
  const consent = `${inbox.url}/oauth/authorize?${new URLSearchParams(query)}`;
  const field = page.getByLabel("API token");
  const authorise = page.getByRole("button", { name: "Authorise" });
  const storedKeys = async () => Object.keys(await storageOf(page));

  await page.goto(consent);
  await field.fill("0123456789abcdef0123456789abcdef");
  await authorise.click();
  await page.getByText("The API token is missing or is not that of this inbox.").waitFor();
  assert.deepEqual(await storedKeys(), []);
  await field.fill(inbox.api_token);
  await authorise.click();
  await page.locator("#code").waitFor();
  assert.deepEqual(await storedKeys(), [sessionKey()]);
  assert.equal((await sessions()).length, 1);

  // The session is that of the inbox's page as well, and the next consent needs one click.
  await page.goto(`${inbox.url}/`);
  await live().waitFor();
  await page.goto(consent);
  assert.equal(await field.isVisible(), false);
  await authorise.click();
  await page.locator("#code").waitFor();

  await endSessions();
  await page.goto(consent);
  await authorise.click();
  await field.waitFor();
  assert.deepEqual(await storedKeys(), []);
});

test("whoever signs out leaves no token in this browser, and a dead inbox does not end the session", async () => {
  await endSessions();
  await openSignedIn(page, inbox);
  await openView(page, "connection");
  const { [sessionKey()]: session } = await storageOf(page);
  await page.route("**/sessions", (route) => route.abort());
  await page.locator("#sign-out").click();
  await page.getByRole("alert").filter({ hasText: "Not signed out: no answer" }).waitFor();
  assert.equal((await storageOf(page))[sessionKey()], session);
  await page.unroute("**/sessions");

  await page.evaluate(() => sessionStorage.setItem("draft", "what was written"));
  await page.locator("#sign-out").click();
  await off("the API token is missing").waitFor();
  assert.deepEqual(await storageOf(page), {});
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(await sessions(), []);
  assert.equal(await page.locator("#flow-token").inputValue(), "");
  await page.locator("#api-token:focus").waitFor();
});

test("a token in the address of a view is not used, and does not stay there", async () => {
  await endSessions();
  const tokens = String(new URLSearchParams({ api_token: inbox.api_token, flow_token: inbox.flow_token }));
  await page.goto(`${inbox.url}/#/inbox?status=red&${tokens}`);
  await off("the API token is missing").waitFor();
  assert.equal(page.url(), `${inbox.url}/#/inbox?status=red`);
  assert.deepEqual(await storageOf(page), {});
});

test("a link does not replace the flow token that the browser keeps, unless it also opens the inbox", async () => {
  await openSignedIn(page, inbox);
  await page.goto("about:blank");
  await page.goto(`${inbox.url}/#flow_token=0123456789abcdef0123456789abcdef`);
  await page.locator(".toast", { hasText: "another flow token" }).waitFor();
  assert.equal((await storageOf(page))[flowTokenKey()], inbox.flow_token);
  await page.getByRole("button", { name: "Use it" }).click();
  assert.equal((await storageOf(page))[flowTokenKey()], "0123456789abcdef0123456789abcdef");
  // The demo prints an address that has both.
  await endSessions();
  await page.goto("about:blank");
  await openSignedIn(page, inbox);
  assert.equal((await storageOf(page))[flowTokenKey()], inbox.flow_token);
});

test("the connection offers the inbox's flows, and the chosen one is in the address", async () => {
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: "Clock <b>tower</b>" });
  const made = await fetch(`${inbox.url}/flows/${inbox.organization}`, { method: "POST", headers, body });
  const { parameterized_name: name } = await made.json();
  await openSignedIn(page, inbox);
  await openView(page, "connection");
  await page.locator("#flow-choice").selectOption({ label: "Example / Clock <b>tower</b>" });
  const field = await page.locator("#flow").elementHandle();
  await page.waitForFunction(([field, name]) => /** @type {HTMLInputElement} */ (field).value === name, [field, name]);
  assert.equal(page.url(), `${inbox.url}/#/connection?flow=${name}`);
  await page.reload();
  await live().waitFor();
  assert.equal(await page.locator("#flow").inputValue(), name);

  await type("flow", "nowhere");
  await off("404").waitFor();
  assert.match(await page.locator("#flow-choice option:checked").innerText(), /nowhere, which is not in this inbox/);
});
