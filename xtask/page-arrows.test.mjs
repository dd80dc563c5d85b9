// Checks which modules of the page use each other: each folder uses only itself and the folders before it, and no modules use each other in a
// circle. `cargo xtask lint` runs this test.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

/** The folders of `www/`, the lowest first. The modules of `www/` itself stand above all of them. */
const FOLDERS = ["page", "connection", "integrations", "inbox", "try", "."];

const root = new URL("../www", import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".js"));

/** The modules that each module imports. An import in a comment is a type, which no code needs. @type {Map<string, string[]>} */
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** @param {string} file */
function importsOf(file) {
  const code = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const paths = [...code.matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)";/gm)].map(([, path]) => path);
  return paths.map((path) => posix.join(posix.dirname(file), path));
}

/** @param {string} file */
const folderOf = (file) => FOLDERS.indexOf(file.includes("/") ? file.split("/")[0] : ".");

test("the modules of the page are found", () => {
  assert.ok(files.length > 50);
  assert.ok(imports.get("main.js")?.includes("inbox/view.js"));
  assert.deepEqual(
    files.filter((file) => folderOf(file) < 0),
    [],
  );
});

test("a folder of the page uses only the folders before it", () => {
  const wrong = [...imports].flatMap(([file, used]) =>
    used.filter((other) => folderOf(other) > folderOf(file)).map((other) => `${file} -> ${other}`),
  );
  assert.deepEqual(wrong, []);
});

test("no modules of the page use each other in a circle", () => {
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[]} */
  const circles = [];
  /** @param {string} file @param {string[]} way */
  const walk = (file, way) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (way.includes(file) || done.has(file)) return;
    for (const other of imports.get(file) ?? []) walk(other, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  assert.deepEqual(circles, []);
});
