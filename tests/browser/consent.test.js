// Nobody gets a code of the inbox without the owner's click on its consent page. The attacker is the hardest one to keep out: an application
// that runs on the owner's own machine. It is on another port of the inbox's host, so browsers take both for one site and would give the
// cookies of each to the other.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { consentForm } from "../node/support/consent.js";
import { startInbox } from "../node/support/inbox.js";
import { openPage, startChromium } from "./support/chromium.js";
import { openSignedIn, storageOf } from "./support/demo-page.js";
import { startService } from "./support/service.js";

let browser;
let inbox;
let evil;
let consent;
let page;

before(async () => {
  [browser, inbox, evil] = await Promise.all([
    startChromium(),
    startInbox("--www", process.env.FLOWDOCK_PAGE),
    startService(),
  ]);
  // The application's page is empty and has no restriction. The test runs the attacker's scripts in it.
  evil.answer = { status: 200, headers: { "content-type": "text/html" } };
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: "Evil", redirect_uris: [`${evil.url}/callback`] });
  const registered = await fetch(`${inbox.url}/oauth/applications`, { method: "POST", headers, body });
  const { client_id } = await registered.json();
  const scope = "flow integration offline_access";
  consent = `${inbox.url}/oauth/authorize?${new URLSearchParams({ client_id, response_type: "code", scope })}`;
});

after(() => Promise.all([browser?.close(), inbox?.stop(), evil?.stop()]));

// The owner is signed in to the inbox, and then comes to the application.
beforeEach(async () => {
  evil.received.length = 0;
  page = await openPage(browser);
  await openSignedIn(page, inbox);
  await page.goto(evil.url);
});

afterEach(async () => {
  try {
    assert.deepEqual(codes(), [], "the application got no code");
    assert.deepEqual(await grants(), [], "the inbox has no grant");
  } finally {
    await page.close();
  }
});

/** The codes that came to the application. */
const codes = () =>
  evil.received.map(({ url }) => new URL(url, evil.url).searchParams.get("code")).filter((code) => code !== null);

async function grants() {
  const headers = { authorization: `Bearer ${inbox.api_token}` };
  return (await fetch(`${inbox.url}/oauth/grants`, { headers })).json();
}

/** Reads the consent page's form, as the application's server can: anybody may see the page. */
async function formOf(headers) {
  const form = await consentForm(consent, headers);
  assert.ok(form.form_token, "the form has its token");
  form.decision = "authorise";
  return form;
}

/** Posts the form with a token that somebody guesses, and checks that no code comes out. */
async function assertRefused(headers, fields) {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${inbox.url}/oauth/authorize`, { method: "POST", headers, body, redirect: "manual" });
  assert.deepEqual([response.status, response.headers.get("location")], [403, null]);
  assert.doesNotMatch(await response.text(), /code=/);
}

test("the application's server cannot post the form with what the browser sends to it", async () => {
  const [{ headers }] = evil.received;
  assert.equal(headers.cookie, undefined, "the browser has no cookie of this host");
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  assert.equal(cookies, "", "nor of any other");

  // A server can send whatever headers it likes.
  const browserHeaders = { origin: inbox.url, referer: consent, "sec-fetch-site": "same-origin" };
  const cookie = headers.cookie ? { cookie: headers.cookie } : {};
  const form = await formOf(cookie);
  for (const fields of [form, { ...form, token: "" }, { ...form, token: form.form_token }]) {
    await assertRefused(cookie, fields);
    await assertRefused({ ...browserHeaders, ...cookie }, fields);
  }
});

test("the application's page cannot post the form from the owner's browser", async () => {
  const form = await formOf({});
  // As a form, which goes to the inbox with everything that the browser has for that site.
  for (const fields of [form, { ...form, token: "" }, { ...form, token: form.form_token }]) {
    await page.goto(evil.url);
    const [response] = await Promise.all([
      page.waitForResponse(`${inbox.url}/oauth/authorize`),
      page.evaluate(submitForm, { action: `${inbox.url}/oauth/authorize`, fields }),
    ]);
    assert.equal(response.status(), 403);
    await page.getByText("The decision came from a page that is not of this inbox.").waitFor();
    assert.equal(page.url(), `${inbox.url}/oauth/authorize`);
  }
  // By `fetch`.
  await page.goto(evil.url);
  const answers = await page.evaluate(
    async ([action, fields]) => {
      const answers = [];
      for (const credentials of /** @type {const} */ (["omit", "include"])) {
        const body = new URLSearchParams(fields);
        const answer = await fetch(action, { method: "POST", body, credentials }).catch(() => undefined);
        answers.push(answer ? `${answer.status} ${answer.redirected}` : "unreadable");
      }
      return answers;
    },
    /** @type {const} */ ([`${inbox.url}/oauth/authorize`, form]),
  );
  assert.deepEqual(answers, ["403 false", "unreadable"]);
});

test("the application's page opens the consent page, and can neither touch it nor answer in it", async () => {
  const [consentPage] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate((url) => {
      Object.assign(window, { opened: window.open(url, "consent") });
    }, consent),
  ]);
  await consentPage.getByRole("button", { name: "Authorise" }).waitFor();
  assert.equal(await consentPage.getByLabel("API token").isVisible(), false, "the owner is signed in");
  const reached = await page.evaluate(() => {
    try {
      // @ts-expect-error
      return String(window.opened.document);
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(reached, "SecurityError");
});

test("the application cannot show the consent page or the inbox's page in a frame", async () => {
  for (const address of [consent, `${inbox.url}/`, `${inbox.url}/oauth/authorize`]) {
    await page.goto(evil.url);
    page.mistakes.length = 0;
    await page.evaluate(async (src) => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      await new Promise((done) => {
        frame.onload = done;
        frame.src = src;
      });
    }, address);
    const [, frame] = page.frames();
    assert.equal(frame.url(), "chrome-error://chromewebdata/", address);
    assert.equal(await frame.getByRole("button").count(), 0);
    assert.match(page.mistakes.join("\n"), /frame-ancestors|X-Frame-Options/, address);
  }
});

test("the application's page cannot read what the inbox's page keeps", async () => {
  assert.deepEqual(await storageOf(page), {});
  assert.equal(await page.evaluate(() => document.cookie), "");
});

test("the consent page says who is signed in and for which flow, and asks for the token when the session has ended", async () => {
  const headers = { authorization: `Bearer ${inbox.api_token}` };
  const [flow] = await (await fetch(`${inbox.url}/flows`, { headers })).json();
  const texts = async () => [await page.locator("#user").innerText(), await page.locator("#flow").innerText()];
  const { organization, name } = flow;
  for (const [id, words] of [
    [flow.id, `${organization.name} / ${name}`],
    ["<b>0</b>", "one that this inbox does not have"],
  ]) {
    await page.goto(`${consent}&flow=${encodeURIComponent(id)}`);
    await page.locator("#flow:not([hidden])").waitFor();
    assert.deepEqual(await texts(), [
      `Signed in as\nOwner of ${organization.name}`,
      `You come from the flow\n${words}`,
    ]);
  }
  // The style sheet is allowed by the page's policy.
  assert.equal(await page.locator("main").evaluate((main) => getComputedStyle(main).maxWidth), "560px");
  assert.deepEqual(page.mistakes, []);

  for (const { id } of await (await fetch(`${inbox.url}/sessions`, { headers })).json()) {
    await fetch(`${inbox.url}/sessions/${id}`, { method: "DELETE", headers });
  }
  await page.goto(`${consent}&flow=${flow.id}`);
  await page.getByLabel("API token").waitFor();
  assert.equal(await page.locator("input[name=token]:focus").count(), 1);
  assert.equal(await page.locator("#user").isVisible(), false);
  assert.equal(await page.locator("#flow").isVisible(), false, "the name of a flow is only for the owner");
  assert.deepEqual(
    Object.keys(await storageOf(page)).filter((key) => key.includes(" session ")),
    [],
  );
});

test("the owner's click on the consent page, and nothing else, gives the application a code", async () => {
  await page.goto(consent);
  await page.getByRole("button", { name: "Authorise" }).click();
  await page.waitForURL(`${evil.url}/callback?**`);
  const [code, ...others] = codes();
  assert.match(code, /^[0-9a-f]{32}$/);
  assert.deepEqual(others, []);
  const [{ headers }] = evil.received.filter(({ url }) => url.includes(code));
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined, "the application is not told which page sent the browser");
  evil.received.length = 0;

  // The owner takes it back, so that the check after each test holds for this one as well.
  const [grant, ...more] = await grants();
  assert.deepEqual([grant.application.name, more], ["Evil", []]);
  const revocation = { method: "DELETE", headers: { authorization: `Bearer ${inbox.api_token}` } };
  assert.equal((await fetch(`${inbox.url}/oauth/grants/${grant.id}`, revocation)).status, 204);
});

/** Makes a form and sends it, in the page. */
function submitForm({ action, fields }) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action });
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}
