// The views of the integrations and of the connection, judged by axe, and as narrow as a telephone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startInbox } from "../node/support/inbox.js";
import { axeViolations } from "./support/axe.js";
import { startChromium } from "./support/chromium.js";
import { openSignedIn, openView } from "./support/demo-page.js";

let browser;
let inbox;

before(async () => {
  [browser, inbox] = await Promise.all([startChromium(), startInbox("--www", process.env.FLOWDOCK_PAGE)]);
  const headers = { authorization: `Bearer ${inbox.api_token}`, "content-type": "application/json" };
  const send = async (method, url, body) => (await fetch(url, { method, headers, body: JSON.stringify(body) })).json();
  const uri = "https://garage.example/setup";
  const application = { name: "Garage", setup_uri: uri, configuration_uri: uri };
  const { id } = await send("POST", `${inbox.url}/oauth/applications`, application);
  const name = `A source ${"with a long name ".repeat(5)}`;
  const { url } = await send("POST", `${inbox.flowUrl}/sources`, { name, application: id, external_url: uri });
  await send("PUT", url, { error_message: `https://garage.example/${"0123456789abcdef".repeat(8)} answers 404.` });
});

after(() => Promise.all([browser?.close(), inbox?.stop()]));

/** What axe finds within an element, and whether the page is wider than the window. */
async function faultsIn(page, selector) {
  const faults = await axeViolations(page, selector);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return excess > 0 ? [...faults, `the page is ${excess} px too wide`] : faults;
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1440]) {
    test(`axe finds nothing in ${colorScheme} at ${width} px`, async (t) => {
      // The page's policy forbids the script of axe.
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 800 } });
      t.after(() => context.close());
      const page = await context.newPage();
      const check = async (what, selector = "main") => assert.deepEqual(await faultsIn(page, selector), [], what);
      const press = (name) => page.getByRole("button", { name, exact: true }).click();

      await page.goto(`${inbox.url}/#/connection`);
      await page.locator("#api-token:focus").waitFor();
      await check("the connection without a token");
      await page.locator("#api-token").fill("wrong");
      await press("Sign in");
      await page.locator("#api-token[aria-invalid=true]").waitFor();
      await check("a wrong token");

      await page.goto("about:blank");
      await openSignedIn(page, inbox);
      await openView(page, "connection");
      await page.locator("#flow-choice").waitFor();
      await check("the connection");

      await openView(page, "integrations");
      await page.locator("#sources li[data-failing]").waitFor();
      await check("the integrations");
      await press("Add an integration");
      await page.locator(".choice:focus").waitFor();
      await check("the choice of an integration", "dialog");
      await page.getByRole("button", { name: /^Garage/ }).click();
      await page.getByRole("link", { name: "Set up Garage in a new tab" }).waitFor();
      await check("the setup of an application", "dialog");
      await press("Back");
      await page.getByRole("button", { name: "Register an application" }).click();
      await press("Register");
      await page.locator("#application-name:focus").waitFor();
      await check("the form of an application", "dialog");
      await press("Back");
      await page.getByRole("button", { name: "Make a source by hand" }).click();
      await page.locator("#source-name").fill("DeLorean");
      await check("the form of a source", "dialog");
      await press("Make the source");
      await page.locator("#source-secret section:focus").waitFor();
      await check("a secret");
      await press("Remove DeLorean");
      await page.getByRole("dialog").waitFor();
      await check("a question", "dialog");
      await press("Remove the source");
      await page.locator("#source-secret section").waitFor({ state: "detached" });
    });
  }
}
