// In the entry `slim`: the service.wasm that the caller gave to `init`.

import { given } from "./init.js";

export default () => given("service");
