// Bundles contain only the WebAssembly module that their code calls, and neither the other module nor the code that calls it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { rollup } from "@rollup/wasm-node";
import { build } from "esbuild";

const folder = new URL("../../node_modules/flowdock-integration/", import.meta.url);
const resolveDir = fileURLToPath(new URL(".", import.meta.url));

/** Bundlers. Each bundles a script, given as text, for a runtime that compiles WebAssembly from bytes. */
const bundlers = {
  async esbuild(contents) {
    const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: "esm", write: false });
    return outputFiles[0].text;
  },
  // Rollup does not read package.json here, so it must see in the code that the import has no side effects.
  async rollup(contents) {
    const entry = {
      name: "entry",
      resolveId: (id) => (id === "flowdock-integration" ? fileURLToPath(import.meta.resolve(id)) : id),
      load: (id) => (id === "entry" ? contents : undefined),
    };
    const bundle = await rollup({
      input: "entry",
      plugins: [entry],
      onwarn: ({ code, message }) => assert.equal(code, "EMPTY_BUNDLE", message),
    });
    const { output } = await bundle.generate({ format: "es" });
    return output[0].code;
  },
};

const MODULES = ["core", "service"];
const wasm = Object.fromEntries(MODULES.map((name) => [name, readFileSync(new URL(`${name}.wasm`, folder))]));
const exported = (name) => WebAssembly.Module.exports(new WebAssembly.Module(wasm[name])).map((found) => found.name);

/** The functions that only this module exports. Code that calls one contains its name. */
function calls(name) {
  const others = new Set(MODULES.filter((other) => other !== name).flatMap(exported));
  return exported(name).filter((call) => !others.has(call));
}

const cases = [
  { names: "Client, activity", module: "core", called: ["build", "checkClient", "request", "outcome"] },
  { names: "validate, encode", module: "core", called: ["validate", "encode"] },
  { names: "html", module: "core", called: ["fillTemplate"] },
  { names: "verifyAction", module: "service", called: ["readToken", "verifyAction", "replayed"] },
  {
    names: "readSetupUri, FlowdockApi",
    module: "service",
    called: ["checkSetup", "setupRequest", "apiAnswer"],
  },
  { names: "messageSchema, FlowdockError", module: undefined, called: [] },
  { names: "escapeHtml", module: undefined, called: [] },
  { names: "readSetupUri, readConfigurationUri", module: undefined, called: [] },
  { names: "authenticationChallenge", module: undefined, called: [] },
];

for (const { names, module, called } of cases) {
  const contents = `export { ${names} } from "flowdock-integration";`;

  for (const [bundler, bundle] of Object.entries(bundlers)) {
    test(`a bundle of { ${names} } by ${bundler} contains only the module that they call`, async () => {
      const script = await bundle(contents);
      for (const name of MODULES) {
        assert.equal(script.includes(wasm[name].toString("hex")), name === module, `${name}.wasm`);
        const found = calls(name).filter((call) => script.includes(`"${call}"`));
        assert.deepEqual(found.sort(), name === module ? called.toSorted() : [], `calls of ${name}`);
      }
    });
  }

  test(`a bundle of { ${names} } for workerd has the file of the module that they call beside it`, async () => {
    /** @type {import("esbuild").BuildOptions} */
    const settings = {
      bundle: true,
      format: "esm",
      write: false,
      outdir: ".",
      assetNames: "[name]",
      conditions: ["workerd"],
      loader: { ".wasm": "copy" },
    };
    const { outputFiles } = await build({ ...settings, stdin: { contents, resolveDir } });
    const files = outputFiles.filter(({ path }) => path.endsWith(".wasm")).map(({ contents }) => Buffer.from(contents));
    assert.deepEqual(files, module ? [wasm[module]] : []);
  });
}

for (const [bundler, bundle] of Object.entries(bundlers)) {
  test(`a bundle by ${bundler} is empty if no export is used`, async () => {
    assert.equal((await bundle(`import "flowdock-integration";`)).trim(), "");
  });

  test(`a bundle by ${bundler} with one export constructs no other objects`, async () => {
    assert.doesNotMatch(await bundle(`export { FlowdockError } from "flowdock-integration";`), /\bnew\b/);
  });
}

test("a program that imports no outbox has none of its code, and one that does has the package once", async () => {
  const posting = await bundlers.esbuild(`export { Client, prepare } from "flowdock-integration";`);
  const both = `export { Client } from "flowdock-integration"; export { Outbox } from "flowdock-integration/outbox";`;
  const withOutbox = await bundlers.esbuild(both);
  const modules = (/** @type {string} */ script) => script.split(wasm.core.toString("hex")).length - 1;
  assert.deepEqual([modules(posting), modules(withOutbox)], [1, 1]);
  const words = ["leaseMs", "onHeld", "flowdock_outbox"];
  assert.deepEqual(
    words.map((word) => posting.includes(word)),
    [false, false, false],
  );
  assert.deepEqual(
    words.map((word) => withOutbox.includes(word)),
    [true, true, false],
  );
});
