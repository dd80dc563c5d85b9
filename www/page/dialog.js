// Dialogs: native ones, so that the focus stays inside and returns, and Escape closes them.

import { html, render } from "./render.js";

/** @import { View } from "./render.js" */

/**
 * Asks before something that cannot be undone. Resolves to whether the user said yes.
 *
 * @param {{ title: string, text: View, yes: string }} question
 * @returns {Promise<boolean>}
 */
export async function confirmed({ title, text, yes }) {
  const answer = await openDialog(
    title,
    html`<p>${text}</p>
      <p class="buttons">
        <button value="" class="quiet">Cancel</button>
        <button value="yes" class="danger">${yes}</button>
      </p>`,
  );
  return answer === "yes";
}

/**
 * Shows a dialog. Resolves to the value of the button that closed it, which is an empty text after Escape.
 *
 * @param {string} title
 * @param {View} content The buttons in it close the dialog.
 * @returns {Promise<string>}
 */
export function openDialog(title, content) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", title);
  render(html`<form method="dialog"><h2>${title}</h2>${content}</form>`, dialog);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
