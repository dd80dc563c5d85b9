// workerd itself, without any tool of Cloudflare. It compiles no WebAssembly at run time.

import { build } from "esbuild";
import { post } from "../support/post.js";
import { asWorker } from "../support/worker.js";

export const group = "edge";
export const packages = { workerd: "1.20260426.1" };
export const rows = [
  {
    name: "workerd",
    note: "bundle with the condition `workerd`, and leave `.wasm` files as modules",
    async run(row, given) {
      const { outputFiles } = await build({
        ...asWorker,
        entryPoints: [row.path("fetch.js")],
        outdir: row.path("dist"),
      });
      const names = outputFiles.map(({ path }) => path.slice(row.path("dist/").length));
      const module = (name) => {
        const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
        return `(name = "${name}", ${kind} = embed "dist/${name}")`;
      };
      for (const { path, contents } of outputFiles) await row.write(path.slice(row.folder.length), contents);
      // The first module is the worker's entry.
      names.sort((a, b) => Number(a.endsWith(".wasm")) - Number(b.endsWith(".wasm")));
      await row.write(
        "config.capnp",
        `using Workerd = import "/workerd/workerd.capnp";
        const config :Workerd.Config = (
          services = [
            (name = "main", worker = (compatibilityDate = "2026-01-01", modules = [${names.map(module).join(", ")}])),
            (name = "internet", network = (allow = ["public", "private"])),
          ],
          sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
        );`,
      );
      const ready = /"event":"listen","socket":"http","port":(\d+)/;
      const [, port] = await row.start(row.bin("workerd"), ["serve", "config.capnp", "--control-fd=1"], ready);
      return post(`http://127.0.0.1:${port}`, given);
    },
  },
];
