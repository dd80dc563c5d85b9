// The peer ajv with js-xss for the HTML. bench/standalone.mjs compiles its schema ahead of time.

// biome-ignore lint/suspicious/noTsIgnore: the import is an error only before the first run of the benchmark
// @ts-ignore: bench/standalone.mjs writes this file.
import { check } from "../../target/bench/ajv-standalone.mjs";
import { ajvPeer } from "./support/ajv.mjs";

export const { name, validate, encode, pathOf } = ajvPeer("ajv standalone + xss", check);
