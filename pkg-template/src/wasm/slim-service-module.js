// In the entry `slim`: service.wasm as `init` was given it.

import { given } from "./given.js";

export default () => given("service");
