// The browser, the inbox and the page of a test file whose tests each begin with a page of their own.
//
// A test file runs in its own process, so these variables belong to it alone. Its import of them sees every change.

import { after, afterEach, before, beforeEach } from "node:test";
import { startInbox } from "../../node/support/inbox.js";
import { startChromium } from "./chromium.js";

/** @type {any} */
export let browser;
/** @type {any} */
export let inbox;
/** @type {any} */
export let page;

/**
 * Opens a page before each test and closes it afterwards.
 *
 * @param {(browser: any, inbox: any) => Promise<any>} open
 * @param {(page: any) => void} [judge] Throws if something went wrong in the page. Called before it is closed.
 */
export function openForEachTest(open, judge) {
  before(async () => {
    [browser, inbox] = await Promise.all([startChromium(), startInbox("--www", process.env.FLOWDOCK_PAGE)]);
  });
  after(() => Promise.all([browser?.close(), inbox?.stop()]));
  beforeEach(async () => {
    page = await open(browser, inbox);
  });
  afterEach(async () => {
    judge?.(page);
    await page.close();
  });
}
