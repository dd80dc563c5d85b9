// service.wasm in edge runtimes, where `?module` makes the bundler compile the file.
// It is a file of its own, so that a bundler can drop it.

export { default } from "./service.wasm?module";
