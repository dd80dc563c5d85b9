// What the rest of the page needs of the flow's sources.

import { lists } from "./lists.js";

export { reloadIntegrations } from "./lists.js";

/** The sources of the flow, as last loaded. A source that reports an error has an `error_message`. */
export const sources = () => lists().sources;
