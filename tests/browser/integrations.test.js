// The panel of integrations and the actions of threads on the page, used as a person would use them.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
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

async function open(page, { url, flow_token, api_token, organization, flow }) {
  await page.goto(`${url}/#${new URLSearchParams({ flow_token, api_token, organization, flow })}`);
  await page.locator("#stream-state[data-state=live]").waitFor();
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
  return (await fetch(`${inbox.url}/messages`, { method: "POST", body })).status;
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
    assert.equal(await page.locator("#api_token").count(), 0, "the page has signed its browser in");
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
