// Try a message: its form or its JSON, what the rules say of it, how it looks, and the code that posts it.

import { html, live } from "../page/render.js";
import { dragOver, drop } from "./attachments.js";
import { barView } from "./bar.js";
import { draft, setMode } from "./draft.js";
import { examplesMenu } from "./examples-menu.js";
import { formView } from "./form.js";
import { jsonEditorView } from "./json-editor.js";
import { copyLink, takeLink } from "./link.js";
import { outputView } from "./output.js";
import { reportView } from "./report.js";

export function tryView() {
  takeLink();
  const { mode } = draft();
  return html`<div class="try" @dragover=${dragOver} @drop=${drop}>
    <header class="try-head">
      <h2>Try a message</h2>
      <div class="tools">
        ${examplesMenu()}
        <fieldset class="segments">
          <legend class="hidden-text">Edit the message as</legend>
          <label><input type="radio" name="mode" id="mode-form" value="form" .checked=${live(mode === "form")} @change=${() => setMode("form")}><span>Form</span></label>
          <label><input type="radio" name="mode" id="mode-json" value="json" .checked=${live(mode === "json")} @change=${() => setMode("json")}><span>JSON</span></label>
        </fieldset>
        <button type="button" id="copy-link" @click=${copyLink}>Copy link</button>
      </div>
    </header>
    <div class="columns">
      <section class="compose" aria-label="Message">${mode === "form" ? formView() : jsonEditorView()}</section>
      <div class="result">${reportView()} ${outputView()}</div>
    </div>
    ${barView()}
  </div>`;
}
