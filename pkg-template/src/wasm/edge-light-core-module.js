// core.wasm in edge runtimes, where `?module` makes the bundler compile the file.
// By itself, so that a bundler can leave it out.

export { default } from "./core.wasm?module";
