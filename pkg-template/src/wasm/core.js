// The module that builds, checks and posts messages.

import { caller } from "./call.js";
import source from "./core-module.js";

export const call = /* @__PURE__ */ caller(source);
