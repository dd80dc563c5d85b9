// The mark of a source or an application: its first letter, in the colour of its name.

import { html, styles } from "../page/render.js";
import { initial, tint } from "../page/tint.js";

/** @param {string} name */
export const markView = (name) =>
  html`<span class="entry-mark" aria-hidden="true" ${styles(tint(name))}>${initial(name)}</span>`;
