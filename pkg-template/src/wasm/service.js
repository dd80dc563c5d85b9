// The module for what an integration's own service does: from setup to source, and actions that come back.

import { caller } from "./call.js";
import source from "./service-module.js";

export const call = /* @__PURE__ */ caller(source);
