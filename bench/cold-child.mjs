// The process that bench/cold.mjs starts. It measures how long a bundle takes to load, and its first call, in milliseconds.

import { readMessages } from "./files.mjs";

const { typical } = readMessages();
const start = performance.now();
const { encode } = await import(process.argv[2]);
const loaded = performance.now();
const { length } = encode(typical);
const done = performance.now();
if (length !== JSON.stringify(typical).length) throw new Error("not the body");
console.log(JSON.stringify({ loadMs: loaded - start, callMs: done - loaded }));
