// Beside the draft: how it will look, its JSON, and the code that posts it, as tabs.

import { copy } from "../page/copy.js";
import { redraw } from "../page/redraw.js";
import { html, nothing } from "../page/render.js";
import { draft, report, wholeMessage } from "./draft.js";
import { withoutToken } from "./draft-store.js";
import { jsonView } from "./json-view.js";
import { previewView } from "./preview.js";
import { curlSample } from "./samples/curl.js";
import { javascriptSample } from "./samples/javascript.js";
import { rustSample } from "./samples/rust.js";

/** @import { View } from "../page/render.js" */

const TABS = /** @type {const} */ (["Preview", "JSON", "JavaScript", "Rust", "curl"]);

/** @typedef {(typeof TABS)[number]} Tab */

/** @type {Tab} */
let chosen = "Preview";

export function outputView() {
  return html`<section class="output" aria-label="Result">
    <div class="tabs" role="tablist" aria-label="Show the message as" @keydown=${move}>
      ${TABS.map(
        (tab) =>
          html`<button type="button" role="tab" id="tab-${tab}" aria-controls="output-panel" aria-selected=${String(tab === chosen)}
            tabindex=${tab === chosen ? "0" : "-1"} @click=${() => choose(tab)}>${tab}</button>`,
      )}
    </div>
    <div id="output-panel" role="tabpanel" tabindex="0" aria-labelledby="tab-${chosen}">${panel()}</div>
  </section>`;
}

/** @param {Tab} tab */
function choose(tab) {
  chosen = tab;
  redraw();
}

/** The arrow keys go from tab to tab. @param {KeyboardEvent} event */
function move(event) {
  const index = TABS.indexOf(chosen);
  const last = TABS.length - 1;
  /** @type {Record<string, number>} */
  const to = {
    ArrowLeft: index === 0 ? last : index - 1,
    ArrowRight: index === last ? 0 : index + 1,
    Home: 0,
    End: last,
  };
  if (!(event.key in to)) return;
  event.preventDefault();
  choose(TABS[to[event.key]]);
  document.getElementById(`tab-${chosen}`)?.focus();
}

/** @returns {View} */
function panel() {
  if (chosen === "Preview") return previewView();
  const whole = wholeMessage();
  // While the text is no JSON, the code is that of the last message.
  const message = withoutToken(whole === undefined ? draft().message : whole);
  const stale = whole === undefined ? html`<p class="hint">This is the last valid message.</p>` : nothing;
  const { violations, valid } = report();
  if (chosen === "JSON") {
    const text = JSON.stringify(message, null, 2);
    return html`${stale}${code("json", "JSON", text, jsonView(message, whole === undefined ? [] : violations))}`;
  }
  const files =
    draft().message.event === "message" ? [] : draft().files.map(({ id, file }) => ({ id, name: file.name }));
  const left = chosen !== "JavaScript" && files.length > 0;
  const sample = samples[chosen](message, files);
  return html`${stale}
    ${valid ? nothing : html`<p class="hint">The inbox would refuse this message: it has errors.</p>`}
    ${code(`sample-${chosen}`, chosen, sample, sample)}
    <p class="hint">The base URL and the token come from the environment: <code>FLOWDOCK_URL</code>, <code>FLOWDOCK_TOKEN</code>.</p>
    ${left ? html`<p class="hint">The attachments are not in this code: files are posted as <code>multipart/form-data</code>.</p>` : nothing}`;
}

const samples = {
  JavaScript: javascriptSample,
  Rust: (/** @type {unknown} */ message) => rustSample(message),
  curl: (/** @type {unknown} */ message) => curlSample(message),
};

/**
 * @param {string} id
 * @param {string} name
 * @param {string} text
 * @param {View} content
 */
const code = (id, name, text, content) => html`<div class="sample">
    <button type="button" class="copy" @click=${() => copy(text, name)}>Copy</button>
    <pre class="code" tabindex="0" role="region" aria-label=${name}><code id=${id}>${content}</code></pre>
  </div>`;
