// The modules of the entry `slim`, which its caller loads.

import { invalidOption } from "../error.js";
import { compileBytes } from "./compile.js";
import { unavailable, wasmUnavailable } from "./unavailable.js";

/**
 * The modules that were given, by their names.
 *
 * @type {Map<string, WebAssembly.Module>}
 */
const modules = /* @__PURE__ */ new Map();

/**
 * @param {"core" | "service"} name
 * @throws {FlowdockError} `wasm_unavailable` when `init` was not given the module.
 */
export function given(name) {
  const module = modules.get(name);
  if (!module) throw wasmUnavailable(`call \`init\` with flowdock-integration/${name}.wasm first`);
  return module;
}

/** @type {typeof import("../../slim.js").init} */
export async function init(source) {
  // Nothing is awaited for a module or for bytes, so they are ready when `init` returns its promise.
  const module = moduleOf(source) ?? (await fromResponse(await loaded(source)));
  const [section] = WebAssembly.Module.customSections(module, "flowdock-integration");
  const [name, version] = section ? String.fromCharCode(...new Uint8Array(section)).split(" ") : [];
  if (!name) throw invalidOption("this WebAssembly is neither core.wasm nor service.wasm of flowdock-integration");
  if (version !== VERSION) {
    throw invalidOption(
      `${name}.wasm is of version ${version} and the JavaScript of version ${VERSION}: use one version`,
    );
  }
  modules.set(name, module);
}

/**
 * @param {any} source
 * @returns {WebAssembly.Module | undefined} Nothing for a value that is neither a module nor bytes.
 */
function moduleOf(source) {
  // Unlike `instanceof`, this also recognises a value of another realm, as edge runtimes pass them in.
  const kind = Object.prototype.toString.call(source);
  if (kind === "[object WebAssembly.Module]") return source;
  if (kind === "[object ArrayBuffer]") return compileBytes(checked(source));
  if (!ArrayBuffer.isView(source)) return undefined;
  // Copied, because WebAssembly is not compiled from shared memory.
  return compileBytes(checked(new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()));
}

/**
 * Refuses what is not WebAssembly, such as the page that a server sends in place of a file, and a file that is damaged. The engine's error
 * would look like a policy that forbids WebAssembly.
 *
 * @template {BufferSource} Bytes
 * @param {Bytes} bytes
 */
function checked(bytes) {
  if (globalThis.WebAssembly?.validate(bytes) === false) {
    throw invalidOption("what was loaded is not WebAssembly, or is damaged: copy the file from the package again");
  }
  return bytes;
}

/**
 * @param {any} source
 * @throws {FlowdockError} `wasm_unavailable` when it is a promise that rejects, such as that of a `fetch`.
 */
async function loaded(source) {
  try {
    return await source;
  } catch (cause) {
    throw wasmUnavailable("it could not be loaded", { cause });
  }
}

/** @param {any} source */
async function fromResponse(source) {
  const module = moduleOf(source);
  if (module) return module;
  if (typeof source?.arrayBuffer !== "function") {
    throw invalidOption("`source` must be a WebAssembly.Module, bytes, a Response, or a promise of one of them");
  }
  if (!source.ok) throw wasmUnavailable(`the server answered with status ${source.status}`);
  // Not compiled while it arrives: that gains nothing for a file of this size, and needs a server that names its type.
  const bytes = checked(await loaded(source.arrayBuffer()));
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw unavailable(cause);
  }
}
