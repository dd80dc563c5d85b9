// The entry `flowdock-integration/slim`: the whole package without its WebAssembly, which you load yourself.

export * from "./index.js";

/** What {@link init} takes: one of the package's WebAssembly files as a `WebAssembly.Module`, as bytes, or as the answer of a `fetch`. */
export type WasmSource = object;

/**
 * Gives the package its WebAssembly: `flowdock-integration/core.wasm`, and `flowdock-integration/service.wasm` as well if you use setup or
 * actions. Call it once for each file. A call that needs a file which was not given throws `wasm_unavailable`.
 *
 * A module or bytes are ready when `init` returns: you need not await it. Otherwise await it.
 *
 * @example
 * import { init, validate } from "flowdock-integration/slim";
 * // Your server sends node_modules/flowdock-integration/core.wasm as /core.wasm.
 * await init(fetch("/core.wasm"));
 *
 * @example
 * // In Cloudflare Workers, where a `.wasm` file is imported as a module:
 * import core from "flowdock-integration/core.wasm";
 * import { init, validate } from "flowdock-integration/slim";
 * init(core);
 *
 * @throws {FlowdockError} `wasm_unavailable` when the file cannot be loaded or compiled. `invalid_option` when it is another file, or a file
 *   of another version of the package.
 */
export function init(source: WasmSource | PromiseLike<WasmSource>): Promise<void>;
