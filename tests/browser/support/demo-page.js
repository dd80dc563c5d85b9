// Opens the demo page of an inbox.

/** Opens the page with the tokens in the fragment, as the demo's URL has them, and waits until the page follows the flow. */
export async function openSignedIn(page, { url, flow_token, api_token, organization, flow }) {
  await page.goto(`${url}/#${new URLSearchParams({ flow_token, api_token, organization, flow })}`);
  await page.locator("#stream-state[data-state=live]").waitFor();
}

/** Returns everything that the page's browser keeps for it, but for the marks of what was read. */
export const storageOf = (page) =>
  page.evaluate(() => {
    const all = Object.entries(localStorage);
    return Object.fromEntries(all.filter(([key]) => !key.startsWith("flowdock-inbox read ")));
  });

/** Opens one of the page's views, as a link to it would, and waits for it. It may have a query: `connection?flow=other`. */
export async function openView(page, view) {
  await page.evaluate((view) => {
    location.hash = `#/${view}`;
  }, view);
  await page.locator(`.page[data-view=${view.split("?")[0]}]`).waitFor();
}
