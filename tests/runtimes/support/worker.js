// How a worker is bundled for workerd: with its condition, and `.wasm` files stay files.

/** @type {import("esbuild").BuildOptions & { write: false }} */
export const asWorker = {
  bundle: true,
  format: "esm",
  conditions: ["workerd", "worker", "browser"],
  loader: { ".wasm": "copy" },
  write: false,
};
