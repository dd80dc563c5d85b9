// The files to send with an activity or a discussion: chosen, or dropped.

import { html, nothing } from "../page/render.js";
import { fileSize } from "../page/text.js";
import { draft, setFiles } from "./draft.js";

/** @param {boolean} canAttach Whether the chosen event can have files. */
export function attachmentsView(canAttach) {
  const { files } = draft();
  /** @param {string} id */
  const remove = (id) => {
    setFiles(draft().files.filter((one) => one.id !== id));
    document.getElementById("attach")?.focus();
  };
  return html`<fieldset class="form-rows attachments">
    <legend>Attachments</legend> <code class="form-key">attachments</code>
    <ul class="attached" aria-label="Attached files" ?hidden=${files.length === 0}>
      ${files.map(
        ({ id, file }) => html`<li>
          <span class="file" dir="auto">${file.name}</span> <small>${fileSize(file.size)}</small>
          <code title="Shows it in the details">&lt;img src="cid:${id}"&gt;</code>
          <button type="button" class="quiet remove" aria-label="Remove ${file.name}" @click=${() => remove(id)}>×</button>
        </li>`,
      )}
    </ul>
    ${canAttach ? nothing : html`<p class="note">A chat message has no attachments: these are not sent.</p>`}
    <p class="drop">
      <label for="attach">Drop files here, or choose them</label>
      <input id="attach" type="file" multiple ?disabled=${!canAttach} @change=${choose}>
    </p>
  </fieldset>`;
}

/** @param {Iterable<File>} added */
function add(added) {
  const files = [...draft().files];
  for (const file of added) files.push({ id: freeId(file.name, files), file });
  setFiles(files);
}

/**
 * Makes the id of a file from its name. A body shows a picture by its id.
 *
 * @param {string} name
 * @param {{ id: string }[]} files
 */
function freeId(name, files) {
  const base = name.replace(/[^A-Za-z0-9._@-]+/g, "-").replace(/^-+|-+$/g, "") || "file";
  let id = base;
  for (let number = 2; files.some((one) => one.id === id); number += 1) id = `${number}-${base}`;
  return id;
}

/** @param {Event} event */
function choose({ target }) {
  const input = /** @type {HTMLInputElement} */ (target);
  add(input.files ?? []);
  // An input fires no `change` for the file that it already holds. Emptied, it lets the user choose a removed file again.
  input.value = "";
}

/** Takes the files that are dragged over an element. @param {DragEvent} event */
export function dragOver(event) {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}

/** @param {DragEvent} event */
export function drop(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  if (draft().message.event !== "message") add(event.dataTransfer.files);
}
