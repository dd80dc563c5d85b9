// Copies a text.

import { toast } from "./toast.js";

/**
 * Copies a text, and says so.
 *
 * @param {string} text
 * @param {string} what What was copied, as the start of a sentence.
 */
export async function copy(text, what) {
  const isCopied = await copied(text);
  toast(isCopied ? `${what} copied` : "The browser did not allow copying. Select the text and copy it.");
}

/** @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page of plain http has no clipboard, unless it comes from this machine.
    const area = document.createElement("textarea");
    const focused = document.activeElement;
    area.value = text;
    area.className = "hidden-text";
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
  }
}
