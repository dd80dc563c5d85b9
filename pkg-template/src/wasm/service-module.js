// service.wasm: a WebAssembly.Module in workerd, text in the bundles that have it inlined.
// By itself, so that a bundler can leave it out.

export { default } from "./service.wasm";
