// The actions of the thread: links, and requests that the inbox sends to the service.

import { messageSchema } from "flowdock-integration";
import { html, nothing } from "../page/render.js";
import { isObject } from "./pointer.js";
import { changeRow, isUpdate, rowInput, rowsView } from "./rows.js";

/** @import { Notes } from "./notes.js" */
/** @import { JsonObject } from "./pointer.js" */

/** @type {string[]} */
const METHODS = /** @type {any} */ (messageSchema).$defs.EntryPoint.properties.httpMethod.enum;

/** @param {Notes} notes */
export const actionRows = (notes) =>
  rowsView("actions", {
    name: "Actions",
    key: "thread.actions",
    add: "Add an action",
    empty: () => ({ "@type": "ViewAction", name: "", url: "" }),
    row: (row, path, index) => actionRow(isObject(row) ? row : {}, path, index, notes),
  });

/**
 * @param {JsonObject} action
 * @param {string | undefined} path
 * @param {number} index
 * @param {Notes} notes
 */
function actionRow(action, path, index, notes) {
  const number = index + 1;
  const updates = isUpdate(action);
  const target = isObject(action.target) ? action.target : {};
  /** @param {(old: JsonObject) => JsonObject} change */
  const change = (change) => changeRow("actions", index, change);
  /** @param {JsonObject} part */
  const setTarget = (part) =>
    change((old) => {
      const former = isObject(old.target) ? old.target : {};
      return { ...old, target: { "@type": "EntryPoint", ...former, ...part } };
    });
  /** @param {Event} event */
  const chooseType = ({ target }) => change((old) => withType(old, /** @type {HTMLSelectElement} */ (target).value));
  /** @param {Event} event */
  const chooseMethod = ({ target }) => setTarget({ httpMethod: /** @type {HTMLSelectElement} */ (target).value });
  const name = {
    id: `action-name-${index}`,
    label: `Name of action ${number}`,
    placeholder: "Name",
    value: action.name,
    path: path && `${path}/name`,
    change: (/** @type {string} */ text) => change((old) => ({ ...old, name: text })),
  };
  const url = {
    id: `action-url-${index}`,
    label: `URL of action ${number}`,
    placeholder: "https://…",
    inputmode: "url",
    value: updates ? target.urlTemplate : action.url,
    path: path && `${path}/${updates ? "target/urlTemplate" : "url"}`,
    change: (/** @type {string} */ text) =>
      updates ? setTarget({ urlTemplate: text }) : change((old) => ({ ...old, url: text })),
  };
  const methods = METHODS.includes(target.httpMethod) ? METHODS : [String(target.httpMethod ?? ""), ...METHODS];
  return html`${rowInput(name, notes)}
    <div class="cell kind">
      <select id="action-type-${index}" aria-label="Type of action ${number}" @change=${chooseType}>
        <option value="ViewAction" .selected=${!updates}>Link</option>
        <option value="UpdateAction" .selected=${updates}>Request</option>
      </select>
      ${
        updates
          ? html`<select id="action-method-${index}" aria-label="Method of action ${number}" @change=${chooseMethod}>
              ${methods.map((method) => html`<option .selected=${method === target.httpMethod}>${method}</option>`)}
            </select>`
          : nothing
      }
    </div>
    ${rowInput(url, notes)}`;
}

/**
 * Makes another kind of action with the same name and URL.
 *
 * @param {JsonObject} action
 * @param {string} type
 * @returns {JsonObject}
 */
function withType(action, type) {
  const { url, target, description: _, image: __, ...rest } = action;
  if (type === "ViewAction")
    return { ...rest, "@type": type, url: url ?? (isObject(target) ? target.urlTemplate : "") };
  const urlTemplate = (isObject(target) ? target.urlTemplate : undefined) ?? url ?? "";
  return { ...rest, "@type": type, target: { "@type": "EntryPoint", urlTemplate, httpMethod: "POST" } };
}
