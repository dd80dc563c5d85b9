// What the rest of the page uses of this folder. It is a bundle of its own, which is loaded at its first use.

export { useAsDraft } from "./use-as-draft.js";
export { tryView } from "./view.js";
