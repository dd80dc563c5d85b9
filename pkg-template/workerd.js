// The entry for workerd, which compiles no bytes at run time but gives a module for the file.

import module from "./core.wasm";
import { start } from "./start.js";

start(module);

export * from "./api.js";
