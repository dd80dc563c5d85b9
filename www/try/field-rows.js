// The fields of the thread: a label and a value each.

import { html } from "../page/render.js";
import { isObject } from "./pointer.js";
import { changeRow, rowInput, rowsView } from "./rows.js";

/** @import { Notes } from "./notes.js" */

/** @param {Notes} notes */
export const fieldRows = (notes) =>
  rowsView("fields", {
    name: "Fields",
    key: "thread.fields",
    add: "Add a field",
    empty: () => ({ label: "", value: "" }),
    row: (row, path, index) => {
      const { label, value } = isObject(row) ? row : {};
      const number = index + 1;
      /** @param {"label" | "value"} key */
      const pathOf = (key) => (path === undefined ? undefined : `${path}/${key}`);
      /** @param {string} text */
      const setLabel = (text) => changeRow("fields", index, (old) => ({ ...old, label: text }));
      /** @param {string} text */
      const setValue = (text) => changeRow("fields", index, (old) => ({ ...old, value: text }));
      const labelInput = {
        id: `field-label-${index}`,
        label: `Label of field ${number}`,
        placeholder: "Label",
        value: label,
        path: pathOf("label"),
        change: setLabel,
      };
      const valueInput = {
        id: `field-value-${index}`,
        label: `Value of field ${number}`,
        placeholder: "Value",
        value,
        path: pathOf("value"),
        change: setValue,
      };
      return html`${rowInput(labelInput, notes)}${rowInput(valueInput, notes)}`;
    },
  });
