// Opens the demo page of an inbox.

/** Opens the page with the tokens in the fragment, as the demo's URL has them, and waits until the page follows the flow. */
export async function openSignedIn(page, { url, flow_token, api_token, organization, flow }) {
  await page.goto(`${url}/#${new URLSearchParams({ flow_token, api_token, organization, flow })}`);
  await page.locator("#stream-state[data-state=live]").waitFor();
}

/** Returns everything that the page's browser keeps for it. */
export const storageOf = (page) => page.evaluate(() => ({ ...localStorage }));
