// Chooses one of the inbox's flows.

import { fieldView } from "../page/field.js";
import { html, live, nothing } from "../page/render.js";
import { changeFlow, connection } from "./connection.js";
import { flows } from "./flows.js";

/** @import { ListedFlow } from "./flows.js" */

export function flowChoiceView() {
  const all = flows();
  if (all.length === 0) return nothing;
  const { organization, flow } = connection();
  const chosen = all.find(
    (one) => one.organization.parameterized_name === organization && one.parameterized_name === flow,
  );
  const control = html`<select id="flow-choice" @change=${choose}>
      ${chosen ? nothing : html`<option value="" .selected=${live(true)}>${organization}/${flow}, which is not in this inbox</option>`}
      ${all.map((one) => html`<option value=${one.id} .selected=${live(one === chosen)}>${nameOf(one)}</option>`)}
    </select>`;
  return fieldView({ id: "flow-choice", label: "Flow", control });
}

/** @param {ListedFlow} flow */
const nameOf = ({ name, organization }) => `${organization.name} / ${name}`;

/** @param {Event} event */
function choose({ currentTarget }) {
  const { value } = /** @type {HTMLSelectElement} */ (currentTarget);
  const chosen = flows().find(({ id }) => id === value);
  if (!chosen) return;
  changeFlow({ organization: chosen.organization.parameterized_name, flow: chosen.parameterized_name });
}
