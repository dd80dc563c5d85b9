// In the entry `slim`: the core.wasm that the caller gave to `init`.

import { given } from "./init.js";

export default () => given("core");
