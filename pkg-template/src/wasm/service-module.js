// service.wasm: a WebAssembly.Module in workerd, text in the bundles that have it inlined.
// It is a file of its own, so that a bundler can drop it.

export { default } from "./service.wasm";
