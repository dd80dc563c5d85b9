// In the entry `slim`: core.wasm as `init` was given it.

import { given } from "./given.js";

export default () => given("core");
