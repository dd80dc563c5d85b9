// Writes ajv's checking function as code, for users who want neither ajv's size nor its `new Function` at run time.

import Ajv, { _ } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { path } from "./files.mjs";
import { options, schema } from "./peers/support/ajv.mjs";
import * as formats from "./peers/support/ajv-formats.mjs";

export async function standalone() {
  const code = { source: true, esm: true, formats: _`require("./bench/peers/support/ajv-formats.mjs")` };
  const ajv = new Ajv({ ...options, formats, schemas: [schema], code });
  const contents = /** @type {any} */ (standaloneCode).default(ajv, { check: "message" });
  // ajv's code calls `require`, which an ES module does not have, so the code is bundled.
  await build({
    stdin: { contents, resolveDir: path("") },
    bundle: true,
    format: "esm",
    external: ["xss"],
    // Generated code is not checked.
    banner: { js: "// @ts-nocheck" },
    outfile: path("target/bench/ajv-standalone.mjs"),
    logLevel: "warning",
  });
}
