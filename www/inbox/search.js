// The search field. The inbox searches the messages; the list shows their threads.

import { go, place } from "../page/address.js";
import { icon } from "../page/icons.js";
import { html } from "../page/render.js";
import { filterOf, NO_FILTER } from "./filter.js";

export function searchView() {
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    search(/** @type {HTMLFormElement} */ (event.target));
  };
  const input = (/** @type {Event} */ { target }) => {
    const field = /** @type {HTMLInputElement} */ (target);
    // The cross of the field empties it without a submit.
    if (field.value === "" && filterOf(place().query).search) search(/** @type {HTMLFormElement} */ (field.form));
  };
  // Not live(): the field would lose what the user types when a message arrives.
  return html`<form id="search" class="search" role="search" @submit=${submit}>
    ${icon("search")}
    <input id="search-words" type="search" name="words" aria-label="Search the messages" placeholder="Search" enterkeyhint="search"
      aria-keyshortcuts="/" .value=${filterOf(place().query).search ?? ""} @input=${input}>
    <kbd aria-hidden="true">/</kbd>
  </form>`;
}

/** @param {HTMLFormElement} form */
function search(form) {
  const words = String(new FormData(form).get("words")).trim();
  go({ view: "inbox", thread: "", query: { ...NO_FILTER, search: words } });
}
