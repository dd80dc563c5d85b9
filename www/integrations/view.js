// The flow's integrations: its sources, the applications, and who has access.

import { connection } from "../connection/connection.js";
import { hrefOf } from "../page/address.js";
import { icon } from "../page/icons.js";
import { html, nothing, ref } from "../page/render.js";
import { accessView } from "./access.js";
import { addView, openAdd } from "./add.js";
import { applicationListView } from "./application-list.js";
import { actionProblem } from "./attempt.js";
import { lists, listsProblem, reloadIntegrations } from "./lists.js";
import { secretsView } from "./secrets.js";
import { sourceListView } from "./source-list.js";

export { showIntegrations } from "./lists.js";

export function integrationsView() {
  const { organization, flow, problem } = connection();
  const isLoaded = lists().flow !== undefined;
  return html`<div class="integrations" ${ref(opened)}>
    <div class="view-head">
      <h2 id="integrations-heading" tabindex="-1">Integrations <small>of ${organization}/${flow}</small></h2>
      ${
        isLoaded
          ? html`<button type="button" id="add-integration" class="primary" @click=${() => openAdd()}>
              ${icon("plus")} Add an integration
            </button>`
          : nothing
      }
    </div>
    <p id="integrations-problem" class="failure" role="status">${problemView()}</p>
    ${secretsView()}
    ${isLoaded ? html`${sourceListView()} ${applicationListView()} ${accessView()}` : emptyView(problem || listsProblem())}
    ${addView()}
  </div>`;
}

function problemView() {
  const { token, problem } = connection();
  if (token !== "" || problem === "") return actionProblem() || listsProblem();
  return html`To see the integrations, <a href=${hrefOf({ view: "connection" })}>sign in</a>: ${problem}.`;
}

/** @param {string} problem */
const emptyView = (problem) => (problem === "" ? html`<p class="hint loading-note">Loading …</p>` : nothing);

/** Called with the view's element when the view is opened. @param {Element} [element] */
function opened(element) {
  if (element) reloadIntegrations();
}
