// One sentence at the edge of the page, with one thing to do about it: what happened out of sight, or what can be undone.

import { redraw } from "./redraw.js";
import { html, nothing } from "./render.js";

/** How long a toast stays. */
const TOAST_MS = 8_000;

/** @typedef {{ text: string, button?: string, act?: () => void }} Toast */

/** @type {Toast | undefined} */
let shown;
/** @type {number | undefined} */
let timer;

/**
 * Shows a sentence for some seconds.
 *
 * @param {string} text
 * @param {{ button: string, act: () => void }} [offer]
 */
export function toast(text, offer) {
  shown = { text, ...offer };
  clearTimeout(timer);
  timer = setTimeout(dismissUnlessUsed, TOAST_MS);
  redraw();
}

/** A toast stays while somebody points at it or has the focus in it. */
function dismissUnlessUsed() {
  const isUsed = document.querySelector(".toast")?.matches(":hover, :focus-within");
  if (isUsed) timer = setTimeout(dismissUnlessUsed, TOAST_MS);
  else dismiss();
}

function dismiss() {
  shown = undefined;
  redraw();
}

export const toastView = () =>
  html`<div class="toast" role="status" ?data-shown=${shown !== undefined}>
    ${shown ? html`<span>${shown.text}</span>` : nothing}
    ${
      shown?.button
        ? html`<button type="button" class="link" @click=${() => {
            shown?.act?.();
            dismiss();
          }}>${shown.button}</button>`
        : nothing
    }
  </div>`;
