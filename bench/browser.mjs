// The script for a page. bench/chromium.mjs bundles it and calls `timeEncoding` in the page.

export { timeEncoding } from "./encode.mjs";
