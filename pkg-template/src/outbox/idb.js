// The entry `flowdock-integration/outbox/idb`: an outbox in IndexedDB, for pages, browser extensions and service workers.

export { idbOutbox } from "./idb/store.js";
export { wake } from "./idb/wake.js";
