// The view of the integrations, used as a person would use it.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn, openView, storageOf } from "./support/demo-page.js";
import { startFrontServer } from "./support/front-server.js";
import { startService } from "./support/service.js";

let browser;
let inbox;
let service;
let page;

before(async () => {
  [browser, inbox, service] = await Promise.all([
    startChromium(),
    startInbox("--www", process.env.FLOWDOCK_PAGE),
    startService(),
  ]);
});

after(() => Promise.all([browser?.close(), inbox?.stop(), service?.stop()]));

beforeEach(async () => {
  page = await openPage(browser);
  await open(page, inbox);
});

afterEach(() => page.close());

async function open(page, inbox) {
  await openSignedIn(page, inbox);
  await openView(page, "integrations");
  await page.locator("#applications li").first().waitFor();
}

/** Opens the dialog that adds an integration, and chooses a way. */
async function add(way) {
  await page.getByRole("button", { name: "Add an integration" }).click();
  await page.getByRole("dialog").getByRole("button", { name: way }).click();
}

/** Clicks a button, and the one in the dialog that it opens. */
async function sure(button, yes) {
  await button.click();
  await page.getByRole("dialog").getByRole("button", { name: yes }).click();
}

/** Registers an application with the form, and returns the facts that the page then shows. */
async function register(fields) {
  await add("Register an application");
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
  await page.getByRole("button", { name: "Register" }).click();
  // The list grows when the inbox has answered. Meanwhile a click could miss its button, which moves.
  await page.locator("#applications li", { hasText: fields["application-name"] }).waitFor();
  return shownSecrets("application-secret");
}

/** Makes a source with the form, and returns its flow token. No other source of this file has the name. */
async function makeSource(name, application) {
  await add("Make a source by hand");
  await page.locator("#source-name").fill(name);
  await page.locator("#source-application").selectOption({ label: application });
  await page.getByRole("button", { name: "Make the source" }).click();
  await page.locator("#sources li", { hasText: name }).waitFor();
  return page.locator("#source-secret section", { hasText: name }).locator("dd code").innerText();
}

async function shownSecrets(id) {
  const secrets = page.locator(`#${id} dd code`);
  await secrets.first().waitFor();
  return secrets.allInnerTexts();
}

async function postWith(flowToken, message) {
  const body = JSON.stringify({
    event: "message",
    content: "x",
    external_thread_id: "1",
    flow_token: flowToken,
    ...message,
  });
  const headers = { "content-type": "application/json" };
  return (await fetch(`${inbox.url}/messages`, { method: "POST", headers, body })).status;
}

test("an application can be registered, and its secret is shown only once", async () => {
  const [clientId, clientSecret] = await register({
    "application-name": "<b>Garage</b> & Co",
    "redirect-uris": "http://127.0.0.1:3000/a http://127.0.0.1:3000/b",
    "setup-uri": `${service.url}/setup?theme=dark`,
    "configuration-uri": `${service.url}/configure`,
  });
  const item = page.locator("#applications li", { hasText: "<b>Garage</b> & Co" });
  assert.match(await item.innerText(), new RegExp(clientId));
  const flow = await inbox.get("");
  const setup = new URL(await item.getByRole("link", { name: "Set up" }).getAttribute("href"));
  assert.deepEqual(Object.fromEntries(setup.searchParams), { theme: "dark", flow: flow.id, flow_url: flow.url });

  const headers = { authorization: `Bearer ${inbox.api_token}` };
  const applications = await (await fetch(`${inbox.url}/oauth/applications`, { headers })).json();
  const { url, redirect_uris: redirectUris } = applications.find(({ client_id }) => client_id === clientId);
  assert.deepEqual(redirectUris, ["http://127.0.0.1:3000/a", "http://127.0.0.1:3000/b"]);
  assert.equal((await (await fetch(url, { headers })).json()).client_secret, clientSecret);

  await page.reload();
  await item.waitFor();
  assert.ok((await page.content()).includes(clientId));
  assert.ok(!(await page.content()).includes(clientSecret));
  assert.deepEqual(page.mistakes, []);
});

test("the dialog says at each field why the inbox refused it, and keeps what was written", async () => {
  await add("Register an application");
  await page.locator("#redirect-uris").fill("javascript:alert(1)");
  await page.locator("#setup-uri").fill("/setup");
  await page.getByRole("button", { name: "Register" }).click();
  await page.locator("#application-name:focus").waitFor();
  const words = {
    "application-name": "Name can't be blank.",
    "redirect-uris":
      "Redirect URIs must be absolute http or https URLs without a fragment, or urn:ietf:wg:oauth:2.0:oob.",
    "setup-uri": "Setup URI must be an absolute http or https URL.",
  };
  for (const [id, text] of Object.entries(words)) {
    const field = page.locator(`#${id}[aria-invalid=true]`);
    const [error] = (await field.getAttribute("aria-describedby")).split(" ");
    assert.equal(await page.locator(`#${error}`).innerText(), text);
  }
  assert.equal(await page.locator("[aria-invalid]").count(), 3);
  assert.equal(await page.locator("#redirect-uris").inputValue(), "javascript:alert(1)");
  assert.equal(await page.locator("#application-secret dd").count(), 0);

  // What was wrong with one form is not said of the next one.
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Register an application" }).click();
  assert.equal(await page.locator("[aria-invalid]").count(), 0);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator("#add-integration:focus").waitFor();
});

test("the dialog says what is wrong if it is no field", async () => {
  await add("Make a source by hand");
  await page.locator("#source-name").fill("DeLorean");
  await page.route("**/sources", (route) => route.abort());
  await page.getByRole("button", { name: "Make the source" }).click();
  await page.getByRole("dialog").getByRole("alert").filter({ hasText: "no answer from" }).waitFor();
  await page.unroute("**/sources");
  await page.getByRole("button", { name: "Make the source" }).click();
  await page.locator("#source-secret dd").waitFor();
});

test("an application's own setup adds its source, of which the page tells", async () => {
  await register({ "application-name": "Hill Valley Telegraph", "setup-uri": `${service.url}/setup` });
  await page.getByRole("button", { name: "I have stored it" }).click();
  await add("Hill Valley Telegraph");
  const link = page.getByRole("dialog").getByRole("link", { name: "Set up Hill Valley Telegraph" });
  const { id: flow, url: flowUrl } = await inbox.get("");
  assert.deepEqual(Object.fromEntries(new URL(await link.getAttribute("href")).searchParams), {
    flow,
    flow_url: flowUrl,
  });
  const [tab] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
  await page.getByText("Finish the setup in the other tab, then come back.").waitFor();

  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const application = (await ask(inbox.api_token, "GET", "/oauth/applications")).body.find(
    ({ name }) => name === "Hill Valley Telegraph",
  );
  const made = JSON.stringify({ name: "Telegraph", application: application.id });
  const { id } = await (await fetch(`${inbox.flowUrl}/sources`, { method: "POST", headers, body: made })).json();
  await tab.close();
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.getByText("Done. Telegraph can now post to this flow.").waitFor();
  await page.locator(".toast", { hasText: "Telegraph was added to this flow" }).waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.locator("#add-integration:focus").waitFor();

  // An error of a source is told wherever the user is, once.
  await openView(page, "inbox");
  const error = JSON.stringify({ error_message: "The wire is cut." });
  await fetch(`${inbox.flowUrl}/sources/${id}`, { method: "PUT", headers, body: error });
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  const toast = page.locator(".toast", { hasText: "Telegraph reports an error: The wire is cut." });
  await toast.getByRole("button", { name: "Show" }).click();
  const item = page.locator(`#sources li[data-source-id="${id}"]`);
  assert.match(await item.innerText(), /Error\s+The wire is cut\./);
  const loaded = page.waitForResponse("**/sessions");
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await loaded;
  assert.equal(await page.locator(".toast[data-shown]").count(), 0);
});

test("a secret stays until the user has stored it", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const flowToken = await makeSource("Newspaper", "Example application");
  const panel = page.locator("#source-secret section", { hasText: "Newspaper" });
  assert.equal(await panel.evaluate((element) => element === document.activeElement), true);
  await panel.getByRole("button", { name: "Post with it" }).click();
  await panel.getByRole("button", { name: "Posting with it" }).waitFor();
  await openView(page, "connection");
  assert.equal(await page.locator("#flow-token").inputValue(), flowToken);
  await openView(page, "integrations");
  await page.locator("#sources li").first().waitFor();
  const another = await makeSource("Hoverboard", "Example application");
  assert.deepEqual((await shownSecrets("source-secret")).sort(), [flowToken, another].sort());

  await panel.getByRole("button", { name: "Copy the flow token" }).click();
  await page.locator(".toast", { hasText: "Flow token copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), flowToken);

  // The token goes to no other inbox than its own.
  await openView(page, `integrations?base_url=${encodeURIComponent(service.url)}`);
  await panel.waitFor();
  assert.equal(await page.getByRole("button", { name: /Post(ing)? with it/ }).count(), 0);
  await openView(page, "integrations");
  await panel.getByRole("button", { name: "I have stored it" }).click();
  await panel.waitFor({ state: "detached" });
  assert.deepEqual(await shownSecrets("source-secret"), [another]);
});

test("a source that is made by hand can post until it is removed, and then is refused with status 410", async () => {
  const flowToken = await makeSource("Time circuits", "Example application");
  const item = page.locator("#sources li", { hasText: "Time circuits" });
  await item.waitFor();
  assert.equal(await postWith(flowToken), 202);

  const id = await item.getAttribute("data-source-id");
  const remove = page
    .locator(`#sources li[data-source-id="${id}"]`)
    .getByRole("button", { name: "Remove Time circuits" });
  await remove.click();
  const dialog = page.getByRole("dialog", { name: "Remove Time circuits?" });
  assert.match(await dialog.innerText(), /Posts with its token are refused with status 410/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await remove.evaluate((button) => button === document.activeElement), true);
  assert.equal(await postWith(flowToken), 202);
  await sure(remove, "Remove the source");
  await remove.waitFor({ state: "detached" });
  assert.equal(await postWith(flowToken), 410);
  assert.equal(await page.getByText(flowToken).count(), 0, "a token that opens nothing needs no place");
  await page.locator("#sources li:last-child button:focus").waitFor();
});

/** Asks the inbox with a token, and returns the status and the JSON of the answer. */
async function ask(token, method, path) {
  const response = await fetch(inbox.url + path, { method, headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("an application gets a new secret, and is removed with its sources", async () => {
  const [, oldSecret] = await register({ "application-name": "Clock tower" });
  const flowToken = await makeSource("Bell", "Clock tower");
  const item = page.locator("#applications li", { hasText: "Clock tower" });
  const renew = item.getByRole("button", { name: "New secret of Clock tower" });
  await renew.click();
  await page.getByRole("dialog", { name: "Replace the secret of Clock tower?" }).waitFor();
  assert.deepEqual((await shownSecrets("application-secret"))[1], oldSecret, "nothing has happened yet");
  await page.getByRole("button", { name: "Make a new secret" }).click();
  await page.locator("#application-secret", { hasText: "stays valid for one more day" }).waitFor();
  const [, newSecret] = await shownSecrets("application-secret");
  assert.notEqual(newSecret, oldSecret);
  const path = `/oauth/applications/${await item.getAttribute("data-application-id")}`;
  assert.equal((await ask(inbox.api_token, "GET", path)).body.client_secret, newSecret);

  const remove = item.getByRole("button", { name: "Remove Clock tower" });
  await remove.click();
  await page.getByRole("dialog", { name: "Remove Clock tower and its sources?" }).waitFor();
  assert.equal((await ask(inbox.api_token, "GET", path)).status, 200, "one click removes nothing");
  await page.getByRole("button", { name: "Remove the application" }).click();
  await item.waitFor({ state: "detached" });
  await page.locator("#sources li", { hasText: "Bell" }).waitFor({ state: "detached" });
  assert.equal((await ask(inbox.api_token, "GET", path)).status, 404);
  assert.equal(await postWith(flowToken), 410);
  assert.equal(await page.locator("#application-secret dd").count(), 0);
});

test("the owner sees what applications may do, and revokes it", async () => {
  const callback = `${service.url}/callback`;
  const [clientId, clientSecret] = await register({ "application-name": "Garage", "redirect-uris": callback });
  const query = { client_id: clientId, response_type: "code", scope: "flow integration" };
  await page.goto(`${inbox.url}/oauth/authorize?${new URLSearchParams(query)}`);
  await page.getByRole("button", { name: "Authorise" }).click();
  await page.waitForURL(`${callback}?**`);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    client_secret: clientSecret,
    code: new URL(page.url()).searchParams.get("code"),
    redirect_uri: callback,
  });
  const { access_token: token } = await (
    await fetch(`${inbox.url}/oauth/token`, { method: "POST", headers: { accept: "application/json" }, body })
  ).json();
  assert.equal((await ask(token, "GET", "/flows")).status, 200);

  await page.goto(`${inbox.url}/#/integrations`);
  const item = page.locator("#grants li", { hasText: "Garage" });
  assert.match(await item.innerText(), /flow, integration\s+Since \d/);
  const revoke = item.getByRole("button", { name: "Revoke Garage" });
  await revoke.click();
  await page.getByRole("dialog", { name: "Revoke the access of Garage?" }).waitFor();
  assert.equal((await ask(token, "GET", "/flows")).status, 200, "one click revokes nothing");
  await page.getByRole("button", { name: "Revoke the grant" }).click();
  await item.waitFor({ state: "detached" });
  assert.equal((await ask(token, "GET", "/flows")).status, 401);
  assert.deepEqual((await ask(inbox.api_token, "GET", "/oauth/grants")).body, []);
  assert.equal(await page.locator("#no-grants").isVisible(), true);
});

test("the owner sees the sessions, revokes another one, and signs out", async () => {
  const headers = { authorization: `Bearer ${inbox.api_token}`, "user-agent": "Hoverboard/2015 (Hill Valley)" };
  const other = await (await fetch(`${inbox.url}/session`, { method: "POST", headers })).json();
  await page.reload();
  const item = page.locator(`#sessions li[data-session-id="${other.id}"]`);
  assert.match(await item.innerText(), /Hoverboard\/2015\s+Since \d/);
  await sure(item.getByRole("button", { name: "Revoke" }), "Revoke the session");
  await item.waitFor({ state: "detached" });
  assert.equal((await ask(other.token, "GET", "/flows")).status, 401);

  const own = page.locator("#sessions li", { hasText: "this page" });
  assert.equal(await own.count(), 1);
  const [session] = Object.entries(await storageOf(page)).filter(([key]) => key.startsWith("flowdock-inbox session"));
  await own.getByRole("button", { name: "Sign out" }).click();
  await page.locator("#stream-state[data-state=off]").waitFor();
  assert.equal((await ask(session[1], "GET", "/flows")).status, 401);
  assert.deepEqual(await storageOf(page), {}, "the browser keeps no token");
  await page.locator("#sessions li").first().waitFor({ state: "detached" });
  await openView(page, "connection");
  assert.equal(await page.locator("#flow-token").inputValue(), "");
});

test("the page and the consent page work behind a proxy that adds a path", async () => {
  const { url: publicUrl, forwardTo, stop } = await startFrontServer("/team/inbox");
  const behind = await startInbox("--public-url", publicUrl, "--www", process.env.FLOWDOCK_PAGE);
  try {
    forwardTo(behind.local_url);
    assert.equal(behind.url, publicUrl);
    await open(page, behind);
    await openView(page, "connection");
    assert.equal(await page.locator("#base-url").inputValue(), publicUrl);
    await openView(page, "integrations");

    const [clientId] = await register({ "application-name": "Garage", "redirect-uris": `${service.url}/callback` });
    const query = { client_id: clientId, response_type: "code", scope: "integration", state: "s" };
    await page.goto(`${publicUrl}/oauth/authorize?${new URLSearchParams(query)}`);
    assert.equal(await page.getByLabel("API token").isVisible(), false, "the browser is signed in");
    await page.getByRole("button", { name: "Authorise" }).click();
    await page.waitForURL(`${service.url}/callback?**`);
    assert.match(new URL(page.url()).search, /^\?code=[0-9a-f]{32}&state=s$/);

    const { client_id: outOfBand } = behind;
    await page.goto(`${publicUrl}/oauth/authorize?${new URLSearchParams({ ...query, client_id: outOfBand })}`);
    await page.getByRole("button", { name: "Authorise" }).click();
    assert.match(await page.locator("#code").innerText(), /^[0-9a-f]{32}$/);
    assert.ok(page.url().startsWith(`${publicUrl}/oauth/authorize/`));
    assert.deepEqual(page.mistakes, []);
  } finally {
    await Promise.all([behind.stop(), stop()]);
  }
});
