// The exports of the package for those who load its WebAssembly themselves.

export * from "./api.js";
export { init } from "./wasm/init.js";
