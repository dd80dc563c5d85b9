// The consent page of the inbox, read and answered without a browser.

/**
 * Reads the hidden fields of the consent page's form.
 *
 * @param {string | URL} url The URL of the page.
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Record<string, string>>}
 */
export async function consentForm(url, headers) {
  const html = await (await fetch(url, { headers })).text();
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  const text = (escaped) => escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => CHARACTERS[name]);
  return Object.fromEntries(fields.map(([, name, value]) => [name, text(value)]));
}

const CHARACTERS = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/**
 * Answers the consent page as the owner does, and returns the inbox's answer, which is not followed.
 *
 * @param {string | URL} url The URL of the page.
 * @param {string} token The API token.
 * @param {string} [decision]
 */
export async function consent(url, token, decision = "authorise") {
  const body = new URLSearchParams({ ...(await consentForm(url)), token, decision });
  const { origin, pathname } = new URL(url);
  return fetch(origin + pathname, { method: "POST", body, redirect: "manual" });
}
