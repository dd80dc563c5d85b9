// What the options hold, kept by the browser for this extension alone.

/** @returns {Promise<{ baseUrl?: string, flowToken?: string, name?: string }>} */
export const loadSettings = () => chrome.storage.local.get(["baseUrl", "flowToken", "name"]);

export const saveSettings = (settings) => chrome.storage.local.set(settings);

/** For a source that was removed: its token will never work again. */
export const forgetFlowToken = () => chrome.storage.local.remove("flowToken");
