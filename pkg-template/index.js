// The entry for every runtime that may compile WebAssembly from bytes. The module is inlined, so that there is no file to
// find and nothing to wait for: a service worker of an extension never starts behind a top-level await.

import { bytes } from "./core.inline.js";
import { compile, start } from "./start.js";

start(compile(bytes()));

export * from "./api.js";
