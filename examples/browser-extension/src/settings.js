// Stores the options in the browser's storage of this extension.

/** @typedef {{ baseUrl: string, flowToken: string, name: string }} Settings */

/** @returns {Promise<Settings>} The options; those that are not set yet are empty strings. */
export const loadSettings = () => chrome.storage.local.get({ baseUrl: "", flowToken: "", name: "" });

/** @param {Settings} settings */
export const saveSettings = (settings) => chrome.storage.local.set(settings);

/** Removes the flow token of a source that was removed. It will never work again. */
export const forgetFlowToken = () => chrome.storage.local.remove("flowToken");
