import { standalone } from "./standalone.mjs"; await standalone();
const { bundle } = await import("./bundles.mjs"); const { timeColdStart } = await import("./cold.mjs");
const sizes=(await bundle()).filter(s=>["JSON.stringify","ours","hand-written"].includes(s.who));
console.table(await timeColdStart(sizes, 25, "hand-written"));
