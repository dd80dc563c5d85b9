// A fresh process: how long loading a bundle and its first call take, in milliseconds.

import { readMessages } from "./files.mjs";

const { typical } = readMessages();
const start = performance.now();
const { encode } = await import(process.argv[2]);
const loaded = performance.now();
const { length } = encode(typical);
const done = performance.now();
if (length !== JSON.stringify(typical).length) throw new Error("not the body");
console.log(JSON.stringify({ loadMs: loaded - start, callMs: done - loaded }));
