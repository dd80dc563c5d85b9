// What the options hold, kept by the browser for this extension alone.

/** @typedef {{ baseUrl: string, flowToken: string, name: string }} Settings */

/** @returns {Promise<Settings>} What nobody has said yet is empty. */
export const loadSettings = () => chrome.storage.local.get({ baseUrl: "", flowToken: "", name: "" });

/** @param {Settings} settings */
export const saveSettings = (settings) => chrome.storage.local.set(settings);

/** For a source that was removed: its token will never work again. */
export const forgetFlowToken = () => chrome.storage.local.remove("flowToken");
