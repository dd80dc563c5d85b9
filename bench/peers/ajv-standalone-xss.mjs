// ajv, whose schema was compiled ahead of time by bench/standalone.mjs, with js-xss for the HTML.

// biome-ignore lint/suspicious/noTsIgnore: it is an error only where the benchmark has not run yet
// @ts-ignore: bench/standalone.mjs writes it.
import { check } from "../../target/bench/ajv-standalone.mjs";
import { ajvPeer } from "./support/ajv.mjs";

export const { name, validate, encode, pathOf } = ajvPeer("ajv standalone + xss", check);
