// The page's icons, drawn with lines of the text's colour.

import { svg } from "lit-html";
import { html } from "./render.js";

const PATHS = {
  search: svg`<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 4 4"/>`,
  back: svg`<path d="m10 3-5 5 5 5"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  warning: svg`<path d="M8 2 15 14H1ZM8 6.5v3.5M8 12h.01"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  out: svg`<path d="M6 3H3v10h10v-3M9 3h4v4M13 3 7 9"/>`,
  key: svg`<circle cx="5" cy="11" r="3"/><path d="m7.2 8.8 6.3-6.3M10.5 5.5l2.5 2.5"/>`,
  application: svg`<rect x="2" y="2" width="12" height="12" rx="2.5"/><path d="M8 5.5v5M5.5 8h5"/>`,
};

/**
 * Draws an icon. It says nothing to a screen reader: the button around it has a name.
 *
 * @param {keyof typeof PATHS} name
 */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${PATHS[name]}</svg>`;
