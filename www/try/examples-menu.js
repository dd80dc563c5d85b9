// The menu of example messages and of mistakes that people make.

import { html, withCode } from "../page/render.js";
import { draftOf, replaceDraft } from "./draft.js";
import { examples } from "./examples.js";

/** @import { Example } from "./examples.js" */

export function examplesMenu() {
  const mistakes = examples.filter(({ isMistake }) => isMistake);
  const others = examples.filter(({ isMistake }) => !isMistake);
  return html`<div class="examples">
    <button type="button" id="examples-button" popovertarget="examples">Examples <span aria-hidden="true">▾</span></button>
    <div id="examples" popover>
      ${group("Begin with", others)} ${group("Mistakes that people make", mistakes)}
    </div>
  </div>`;
}

/**
 * @param {string} name
 * @param {Example[]} list
 */
const group = (name, list) => html`<p class="hint" id="group-${name[0]}">${name}</p>
  <ul aria-labelledby="group-${name[0]}">${list.map(
    (example) =>
      html`<li><button type="button" id=${example.id} class="quiet" @click=${() => choose(example)}>${withCode(example.name)}</button></li>`,
  )}</ul>`;

/** @param {Example} example */
function choose({ name, message, mode }) {
  document.getElementById("examples")?.hidePopover();
  replaceDraft(draftOf(message, mode), `The draft is now “${name.replaceAll("`", "")}”.`);
}
