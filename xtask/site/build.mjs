// Builds the site of `cargo xtask docs`: the guides and the API reference of the package by TypeDoc, and the documentation of the crate, which
// rustdoc has made, beside them.
//
// node build.mjs TOOLS RUSTDOC SITE. `TOOLS` is the folder with TypeDoc's `node_modules`, `RUSTDOC` that with rustdoc's output.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A link to this origin becomes a relative link to a file of the site. TypeDoc and rustdoc know no such links. */
const SITE = "https://site.invalid/";
// rust-header.html, the bar of the Rust pages, links to both addresses as well: change them there too.
const RUST = `${SITE}rust/flowdock_integration/index.html`;
const API = `${SITE}modules/flowdock-integration.html`;

const COMPILER = {
  strict: true,
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
  types: [],
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const [tools, rustdoc, site] = process.argv.slice(2).map((path) => resolve(path));

const documents = collect();
const sources = join(dirname(site), "site-sources");
rmSync(sources, { recursive: true, force: true });
for (const [path, { group }] of documents) {
  mkdirSync(dirname(join(sources, path)), { recursive: true });
  writeFileSync(join(sources, path), prepared(path, group));
}
writeFileSync(join(sources, "README.md"), front());
// The entries of the package. The name that the reference shows comes from the comment.
const entries = ["index.d.ts", "slim.d.ts"].map((name) => {
  const module = name === "index.d.ts" ? "flowdock-integration" : "flowdock-integration/slim";
  const entry = join(sources, name);
  writeFileSync(entry, `/** @module ${module} */\n\n${read(`pkg-template/${name}`)}`);
  return entry;
});
writeFileSync(join(sources, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER, files: entries }));
rmSync(site, { recursive: true, force: true });
await typedoc();
cpSync(rustdoc, join(site, "rust"), { recursive: true });
// rustdoc links to this page, and makes it only if it documents several crates.
const first = "flowdock_integration/index.html";
const away = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${first}"><a href="${first}">Rust</a>\n`;
writeFileSync(join(site, "rust/index.html"), away);
for (const file of pages(site)) relink(file);

/** The documents of the site: the path in the repository, and the group under which the site lists it. */
function collect() {
  const found = new Map([["docs/README.md", { group: "Guides" }]]);
  // The index of the documents says which is a guide and which a reference, and in which order.
  let group = "";
  for (const line of read("docs/README.md").split("\n")) {
    if (line.startsWith("## ")) group = line.slice(3);
    const [, link] = /^\| \[[^\]]*\]\(([^)#]*)\)/.exec(line) ?? [];
    if (link?.endsWith(".md")) found.set(posix.join("docs", link), { group });
  }
  for (const more of ["SECURITY.md", "CHANGELOG.md"]) found.set(more, { group: "Reference" });
  const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const missing = guides.filter((name) => !found.has(`docs/${name}`));
  if (missing.length > 0) throw new Error(`docs/README.md has no row for ${missing.join(", ")}`);
  return found;
}

/** @param {string} path */
function read(path) {
  return readFileSync(join(root, path), "utf8");
}

/** A document as TypeDoc takes it, with the first heading as the title. */
function prepared(path, group) {
  const text = read(path);
  const [, title] = /^# (.*)/.exec(text) ?? [];
  if (title === undefined) throw new Error(`${path} does not begin with a heading`);
  return `---\ntitle: ${JSON.stringify(title)}\ngroup: ${group}\n---\n${linked(path, text)}`;
}

/** The front page: the README, and where the references are. */
function front() {
  const links = `**[All guides](docs/README.md)** · **[JavaScript API](${API})** · **[Rust API](${RUST})**`;
  return linked("README.md", read("README.md").replace(/^# .*\n/, `${links}\n`));
}

/** Leaves the text of a link that leads to a file outside the site, and names the languages of blocks as TypeDoc does. */
function linked(path, text) {
  let isCode = false;
  const lines = text.split("\n").map((line) => {
    if (line.startsWith("```")) {
      isCode = !isCode;
      return line.replace(/^(```\w+).*/, "$1");
    }
    return isCode ? line : line.replace(/\[([^\]]*)\]\(([^)\s]*)\)/g, link);
  });
  return lines.join("\n");

  function link(whole, label, target) {
    if (/^(https?:|#)/.test(target)) return whole;
    const [file, anchor] = target.split("#");
    const meant = posix.join(posix.dirname(path), file);
    if (meant === "README.md") return `[${label}](${SITE}index.html${anchor ? `#${anchor}` : ""})`;
    return documents.has(meant) ? whole : label;
  }
}

async function typedoc() {
  const module = createRequire(join(tools, "package.json")).resolve("typedoc");
  const { Application } = await import(pathToFileURL(module).href);
  const app = await Application.bootstrap({
    name: "flowdock-integration",
    entryPoints: entries,
    tsconfig: join(sources, "tsconfig.json"),
    readme: join(sources, "README.md"),
    projectDocuments: [...documents.keys()].map((path) => join(sources, path)),
    out: site,
    // The version is in the manifest of the built package only, and dates would make each build another one.
    disableSources: true,
    hideGenerator: true,
    searchInDocuments: true,
    searchInComments: true,
    // An error code is explained in the reference; the places that only name it come after.
    searchGroupBoosts: { Reference: 50, Guides: 2 },
    highlightLanguages: [
      "js",
      "jsx",
      "ts",
      "tsx",
      "json",
      "sh",
      "rust",
      "toml",
      "html",
      "ini",
      "text",
      "python",
      "ruby",
    ],
    sort: ["documents-first", "source-order"],
    groupOrder: ["Guides", "Reference", "Modules", "Examples", "*"],
    navigation: { includeGroups: true, excludeReferences: true },
    navigationLinks: { Guides: `${SITE}index.html`, JavaScript: API, Rust: RUST },
    // A link to something that does not exist fails the build.
    treatWarningsAsErrors: true,
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc made nothing");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc has warnings");
}

/** All pages below a folder. */
function* pages(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith(".html")) yield join(entry.parentPath ?? entry.path, entry.name);
  }
}

/** Makes the links to other parts of the site relative, so that the site works in any folder. */
function relink(file) {
  const up = relative(dirname(file), site).split(sep).join("/");
  const text = readFileSync(file, "utf8");
  const changed = text.replaceAll(SITE, up === "" ? "" : `${up}/`);
  if (changed !== text) writeFileSync(file, changed);
}
