// What runs in a page: bench/chromium.mjs bundles it and calls `timeEncoding` there.

export { timeEncoding } from "./encode.mjs";
