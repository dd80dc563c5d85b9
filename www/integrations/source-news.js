// Says what is new among the sources of a flow: one was added, or reports an error.

import { go, place } from "../page/address.js";
import { toast } from "../page/toast.js";

/** @import { Source } from "./lists.js" */

/**
 * The sources that each flow had when the page last looked.
 *
 * @type {Map<string, Source[]>}
 */
const known = new Map();

/**
 * Says what is new among the sources of a flow since the page last looked.
 *
 * @param {string} flow The URL of the flow.
 * @param {Source[]} found
 */
export function tellOfSources(flow, found) {
  const before = known.get(flow);
  known.set(flow, found);
  if (!before) return;
  const added = found.filter(({ id }) => !before.some((source) => source.id === id));
  const failing = found.filter(
    ({ id, error_message: error }) => error && before.find((source) => source.id === id)?.error_message !== error,
  );
  const texts = failing.map(({ name, error_message: error }) => `${name} reports an error: ${error}`);
  if (added.length > 0) {
    const names = added.map(({ name }) => name).join(", ");
    texts.unshift(`${names} ${added.length === 1 ? "was" : "were"} added to this flow`);
  }
  if (texts.length === 0) return;
  const offer = { button: "Show", act: () => go({ view: "integrations" }) };
  toast(texts.join(". "), place().view === "integrations" ? undefined : offer);
}
