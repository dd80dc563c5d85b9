// The panel of integrations and the actions of threads on the page, used as a person would use them.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn, storageOf } from "./support/demo-page.js";
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
  await page.locator("#applications li").first().waitFor();
}

/** Registers an application with the form, and returns the facts that the page then shows. */
async function register(fields) {
  await page.getByText("Register an application").click();
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
  await page.getByRole("button", { name: "Register" }).click();
  return shownSecrets("application-secret");
}

/** Makes a source with the form, and returns its flow token. */
async function makeSource(name, application) {
  await page.getByText("Make a source by hand").click();
  await page.locator("#source-name").fill(name);
  await page.locator("#source-application").selectOption({ label: application });
  await page.getByRole("button", { name: "Make the source" }).click();
  return (await shownSecrets("source-secret"))[0];
}

async function shownSecrets(id) {
  const secrets = page.locator(`#${id} dd`);
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

test("on a wide screen the sticky report does not cover the panel", async () => {
  await page.setViewportSize({ width: 1440, height: 600 });
  await page.getByText("Make a source by hand").click();
  await page.getByText("Register an application").click();
  // The test does not click with Playwright, which would scroll until the element is not covered.
  const covered = await page.evaluate(() => {
    const panel = document.querySelector("section.integrations");
    panel.scrollIntoView({ block: "end" });
    const { left, right, bottom } = panel.getBoundingClientRect();
    const points = Array.from({ length: 20 }, (_, index) => left + ((right - left) * (index + 0.5)) / 20);
    return points.filter((x) => !panel.contains(document.elementFromPoint(x, bottom - 40)));
  });
  assert.deepEqual(covered, []);
});

test("the page shows why the inbox refused an application", async () => {
  await page.getByText("Register an application").click();
  await page.locator("#application-name").fill("Garage");
  await page.locator("#redirect-uris").fill("javascript:alert(1)");
  await page.getByRole("button", { name: "Register" }).click();
  await page
    .locator("#integrations-problem", { hasText: "redirect_uris must be absolute http or https URLs" })
    .waitFor();
  assert.equal(await page.locator("#application-secret dd").count(), 0);
  assert.equal(await page.locator("#redirect-uris").inputValue(), "javascript:alert(1)");
});

test("a source that is made by hand can post until it is removed, and then gets a 410", async () => {
  const flowToken = await makeSource("DeLorean", "Example application");
  const item = page.locator("#sources li", { hasText: "DeLorean" });
  await item.waitFor();
  assert.equal(await postWith(flowToken), 202);

  await page.getByRole("button", { name: "Post with it" }).click();
  assert.equal(await page.locator("#flow-token").inputValue(), flowToken);

  const remove = item.getByRole("button", { name: "Remove DeLorean" });
  await remove.click();
  assert.equal(await remove.innerText(), "Remove for good?");
  await page.locator("#title").focus();
  assert.equal(await remove.innerText(), "Remove", "who goes elsewhere has not decided");
  assert.equal(await postWith(flowToken), 202);
  await remove.click();
  await remove.click();
  await item.waitFor({ state: "detached" });
  assert.equal(await postWith(flowToken), 410);

  // The page still uses this token, and shows the outcome of the post.
  await page.locator("#post").click();
  await page.locator("#outcome[data-outcome=failed]", { hasText: "source_removed status 410" }).waitFor();
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
  assert.equal(await renew.innerText(), "Replace the secret?");
  assert.deepEqual((await shownSecrets("application-secret"))[1], oldSecret, "nothing has happened yet");
  await renew.click();
  await page.locator("#application-secret", { hasText: "good for one more day" }).waitFor();
  const [, newSecret] = await shownSecrets("application-secret");
  assert.notEqual(newSecret, oldSecret);
  const path = `/oauth/applications/${await item.getAttribute("data-application-id")}`;
  assert.equal((await ask(inbox.api_token, "GET", path)).body.client_secret, newSecret);

  const remove = item.getByRole("button", { name: "Remove Clock tower" });
  await remove.click();
  assert.equal((await ask(inbox.api_token, "GET", path)).status, 200, "one click removes nothing");
  await remove.click();
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

  await page.goto(`${inbox.url}/`);
  const item = page.locator("#grants li", { hasText: "Garage" });
  assert.match(await item.innerText(), /flow, integration, since \d/);
  const revoke = item.getByRole("button", { name: "Revoke Garage" });
  await revoke.click();
  assert.equal((await ask(token, "GET", "/flows")).status, 200, "one click revokes nothing");
  await revoke.click();
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
  assert.match(await item.innerText(), /^Hoverboard\/2015 since \d/);
  await item.getByRole("button", { name: "Revoke" }).click();
  await item.waitFor({ state: "detached" });
  assert.equal((await ask(other.token, "GET", "/flows")).status, 401);

  const own = page.locator("#sessions li", { hasText: "this page" });
  assert.equal(await own.count(), 1);
  const [session] = Object.entries(await storageOf(page)).filter(([key]) => key.startsWith("flowdock-inbox session"));
  await own.getByRole("button", { name: "Sign out" }).click();
  await page.locator("#stream-state[data-state=off]").waitFor();
  assert.equal((await ask(session[1], "GET", "/flows")).status, 401);
  assert.deepEqual(await storageOf(page), {}, "the browser keeps no token");
  assert.equal(await page.locator("#flow-token").inputValue(), "");
  await page.locator("#sessions li").first().waitFor({ state: "detached" });
});

test("each action shows the method and the host of its call before the first click", async () => {
  const flowToken = await makeSource("Bank", "Example application");
  const targets = [
    ["PUT", "https://bank.example/{account}/close", "PUT bank.example"],
    ["POST", "https://bank.example@evil.example:8443/", "POST evil.example:8443"],
    ["POST", "http://{bank.example/}evil.example", "POST evil.example"],
    ["DELETE", "http://[::1]/{", "DELETE [::1]"],
    ["POST", "javascript:alert(1)", "unknown address"],
    ["POST", "{address}", "unknown address"],
    ["POST bank.example", "https://evil.example/", "unknown address"],
  ];
  const actions = targets.map(([httpMethod, urlTemplate], index) => ({
    "@type": "UpdateAction",
    name: `Do ${index}`,
    target: { "@type": "EntryPoint", urlTemplate, httpMethod },
  }));
  const thread = { title: "Bank", actions: actions.slice(0, 1) };
  assert.equal(await postWith(flowToken, { external_thread_id: "bank", thread }), 202);
  // This inbox would refuse some of these actions, but another one may have them.
  await page.route("**/threads", async (route) => {
    const response = await route.fetch();
    const threads = await response.json();
    // It is newer than the state that came with the message.
    for (const one of threads) if (one.title === "Bank") Object.assign(one, { actions, updated_at: "2100-01-01" });
    await route.fulfill({ response, json: threads });
  });
  await page.reload();
  const card = page.locator("#threads article", { hasText: "Do 0" });
  await card
    .locator(".action")
    .nth(targets.length - 1)
    .waitFor();
  const wanted = targets.map(([, , target]) => target);
  assert.deepEqual(await card.locator(".action .target").allInnerTexts(), wanted);
  for (const [index, target] of wanted.entries()) {
    const button = card.getByRole("button", { name: `Do ${index}: ${target}`, exact: true });
    assert.equal(await button.count(), 1, target);
  }
});

test("a click on an UpdateAction shows the service's answer", async (t) => {
  const service = await startService();
  t.after(() => service.stop());
  const flowToken = await makeSource("Tickets", "Example application");
  const target = { "@type": "EntryPoint", urlTemplate: `${service.url}/tickets/1/close`, httpMethod: "PUT" };
  const thread = { title: "Polish the flux capacitor", actions: [{ "@type": "UpdateAction", name: "Close", target }] };
  assert.equal(await postWith(flowToken, { external_thread_id: "7", thread }), 202);
  const card = page.locator("#threads article", { hasText: "Polish the flux capacitor" });
  const outcome = card.locator(".action-outcome");
  const click = async (answer, kind) => {
    service.answer = answer;
    await card.getByRole("button", { name: "Close" }).click();
    await card.locator(`.action-outcome[data-outcome=${kind}]`).waitFor();
    return outcome.innerText();
  };

  assert.equal(await click({ status: 204 }, "done"), "Close: The service took the action (status 204).");
  const { method, url, headers, body } = service.received.at(-1);
  assert.deepEqual([method, url], ["PUT", "/tickets/1/close"]);
  assert.equal(headers["flowdock-token"].split(".").length, 3);
  assert.equal(JSON.parse(body).agent.name, "Owner");

  const login = `${service.url}/login?next=%2Ftickets`;
  const challenge = { "www-authenticate": `Flowdock-Token url=${login}` };
  assert.match(
    await click({ status: 401, headers: challenge }, "login"),
    /Log in at 127\.0\.0\.1:\d+, then click again/,
  );
  assert.equal(await outcome.getByRole("link").getAttribute("href"), login);

  assert.match(await click({ status: 403 }, "refused"), /^Close: .* \(status 403\)\.$/);
  await service.stop();
  assert.equal(await click({}, "failed"), "Close: The service cannot be reached.");
});

test("the page and the consent page work behind a proxy that adds a path", async () => {
  const { url: publicUrl, forwardTo, stop } = await startFrontServer("/team/inbox");
  const behind = await startInbox("--public-url", publicUrl, "--www", process.env.FLOWDOCK_PAGE);
  try {
    forwardTo(behind.local_url);
    assert.equal(behind.url, publicUrl);
    await open(page, behind);
    assert.equal(await page.locator("#base-url").inputValue(), publicUrl);
    await page.locator("#post").click();
    await page.locator("#threads li[data-message-id]").waitFor();

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
    // The avatar of the example's author is on a host that cannot be resolved.
    assert.deepEqual(
      page.mistakes.filter((mistake) => !mistake.includes("ERR_NAME_NOT_RESOLVED")),
      [],
    );
  } finally {
    await Promise.all([behind.stop(), stop()]);
  }
});
