// Stores the options, and which pages were shared, in the browser's storage of this extension.

/** @typedef {{ baseUrl: string, flowToken: string, name: string }} Settings */
/** @typedef {Settings & { source: string }} Stored `source` is the outbox's name for this base URL and flow token. */

/** How many shared pages are remembered. */
const MAX_SHARED = 200;

/** @returns {Promise<Stored>} The options; those that are not set yet are empty strings. */
export const loadSettings = () => chrome.storage.local.get({ baseUrl: "", flowToken: "", name: "", source: "" });

/** @param {Settings} settings */
export async function saveSettings(settings) {
  const { baseUrl, flowToken } = await loadSettings();
  if (baseUrl !== settings.baseUrl || flowToken !== settings.flowToken) {
    // Nothing was shared with another flow yet. The outbox knows nothing against it either.
    await chrome.storage.local.remove("shared");
    await chrome.storage.local.set({ source: crypto.randomUUID() });
  }
  await chrome.storage.local.set(settings);
}

/**
 * Removes the flow token of a source that was removed. It will never work again. A token that the user has entered since then stays.
 *
 * @param {string} removed
 */
export async function forgetFlowToken(removed) {
  const { source } = await loadSettings();
  if (source === removed) await chrome.storage.local.remove(["flowToken", "shared"]);
}

/**
 * Returns the addresses of the pages that were shared last.
 *
 * @returns {Promise<string[]>}
 */
async function loadShared() {
  const stored = await chrome.storage.local.get({ shared: [] });
  return /** @type {{ shared: string[] }} */ (stored).shared;
}

/** @param {string} address */
export const wasShared = async (address) => (await loadShared()).includes(address);

/** @param {string} address */
export async function rememberShared(address) {
  const others = (await loadShared()).filter((other) => other !== address);
  await chrome.storage.local.set({ shared: [...others, address].slice(-MAX_SHARED) });
}
