// Next and the package are in a folder above this one, which Next must know as its root.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(dirname(createRequire(import.meta.url).resolve("next/package.json")), "../..");

export default { outputFileTracingRoot: root, turbopack: { root } };
