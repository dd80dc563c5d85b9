// The actions of a thread on the page, used as a person would use them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./support/chromium.js";
import { openSignedIn } from "./support/demo-page.js";
import { inbox, openForEachTest, page } from "./support/each-test.js";
import { startService } from "./support/service.js";

openForEachTest(openPage);

async function post(item, thread) {
  const message = { flow_token: inbox.flow_token, event: "message", content: "x", external_thread_id: item, thread };
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(message);
  const answer = await fetch(`${inbox.url}/messages`, { method: "POST", headers, body });
  assert.equal(answer.status, 202);
}

const updateAction = (name, httpMethod, urlTemplate) => ({
  "@type": "UpdateAction",
  name,
  target: { "@type": "EntryPoint", urlTemplate, httpMethod },
});

test("each action shows the method and the host of its call before the first click", async () => {
  const targets = [
    ["PUT", "https://bank.example/{account}/close", "PUT bank.example"],
    ["POST", "https://bank.example@evil.example:8443/", "POST evil.example:8443"],
    ["POST", "http://{bank.example/}evil.example", "POST evil.example"],
    ["DELETE", "http://[::1]/{", "DELETE [::1]"],
    ["POST", "javascript:alert(1)", "unknown address"],
    ["POST", "{address}", "unknown address"],
    ["POST bank.example", "https://evil.example/", "unknown address"],
  ];
  const actions = targets.map(([method, url], index) => updateAction(`Do ${index}`, method, url));
  await post("bank", { title: "Bank", actions: actions.slice(0, 1) });
  // This inbox would refuse some of these actions, but another one may have them.
  await page.route("**/threads?*", async (route) => {
    const response = await route.fetch();
    const threads = await response.json();
    for (const one of threads) if (one.title === "Bank") Object.assign(one, { actions });
    await route.fulfill({ response, json: threads });
  });
  await openSignedIn(page, inbox);
  await page.locator(".thread-row", { hasText: "Bank" }).click();
  await page
    .locator(".action")
    .nth(targets.length - 1)
    .waitFor();
  const wanted = targets.map(([, , target]) => target);
  assert.deepEqual(await page.locator(".action .target").allInnerTexts(), wanted);
  for (const [index, target] of wanted.entries()) {
    const button = page.getByRole("button", { name: `Do ${index}: ${target}`, exact: true });
    assert.equal(await button.count(), 1, target);
  }
});

test("a link to the thread's own address stands there once", async () => {
  const actions = [
    { "@type": "ViewAction", name: "View ticket", url: "https://example.com/1" },
    { "@type": "ViewAction", name: "View log", url: "https://example.com/log" },
    { "@type": "ViewAction", name: "Bad", url: "javascript:alert(1)" },
  ];
  await post("links", { title: "Links", external_url: "https://example.com/1", actions: actions.slice(0, 2) });
  await page.route("**/threads?*", async (route) => {
    const response = await route.fetch();
    const threads = await response.json();
    for (const one of threads) if (one.title === "Links") Object.assign(one, { actions });
    await route.fulfill({ response, json: threads });
  });
  await openSignedIn(page, inbox);
  await page.locator(".thread-row", { hasText: "Links" }).click();
  await page.locator(".actions a").nth(1).waitFor();
  const links = await page
    .locator(".actions a")
    .evaluateAll((all) => all.map((link) => [link.innerText.replace(/\s+/g, " "), link.href]));
  assert.deepEqual(links, [
    ["View ticket ↗", "https://example.com/1"],
    ["View log ↗", "https://example.com/log"],
  ]);
});

test("a click on an UpdateAction shows the service's answer, and the focus stays on it", async (t) => {
  const service = await startService();
  t.after(() => service.stop());
  await post("7", {
    title: "Polish the flux capacitor",
    actions: [updateAction("Close", "PUT", `${service.url}/tickets/1/close`)],
  });
  await openSignedIn(page, inbox);
  await page.locator(".thread-row", { hasText: "flux capacitor" }).click();
  const outcome = page.locator(".action-outcome");
  const close = page.getByRole("button", { name: "Close" });
  const click = async (answer, kind, word) => {
    service.answer = answer;
    await close.click();
    // The last outcome stands there until the next frame, and may be of the same kind.
    await page.locator(`.action-outcome[data-outcome=${kind}]`, { hasText: word }).waitFor();
    return outcome.innerText();
  };

  assert.equal(await click({ status: 204 }, "done", "took"), "Close: The service took the action.");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Close");
  const { method, url, headers, body } = service.received.at(-1);
  assert.deepEqual([method, url], ["PUT", "/tickets/1/close"]);
  assert.equal(headers["flowdock-token"].split(".").length, 3);
  assert.equal(JSON.parse(body).agent.name, "Owner");

  const login = `${service.url}/login?next=%2Ftickets`;
  const challenge = { "www-authenticate": `Flowdock-Token url=${login}` };
  assert.match(
    await click({ status: 401, headers: challenge }, "login", "Log in"),
    /Log in at 127\.0\.0\.1:\d+, then click again/,
  );
  assert.equal(await outcome.getByRole("link").getAttribute("href"), login);

  assert.match(await click({ status: 403 }, "refused", "403"), /^Close: .* \(status 403\)\.$/);
  assert.equal(await click({ status: 503 }, "refused", "503"), "Close: The service failed (status 503).");
  await service.stop();
  assert.equal(await click({}, "failed", "reached"), "Close: The service cannot be reached.");
});

test("a stored message can be used as a draft", async () => {
  await post("draft", { title: "Draft of a thread" });
  await openSignedIn(page, inbox);
  await page.locator(".thread-row", { hasText: "Draft of a thread" }).click();
  await page.getByRole("button", { name: "Use as a draft" }).first().click();
  await page.locator("#verdict", { hasText: "Ready to post" }).waitFor();
  assert.match(page.url(), /#\/try$/);
  assert.equal(await page.locator("#thread-title").innerText(), "Draft of a thread");
  assert.equal(await page.locator("#content").inputValue(), "x");
});
