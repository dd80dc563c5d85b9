// Fails if a link of the site leads to a file or an anchor that is not there.
//
// node check-links.mjs SITE

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const site = resolve(process.argv[2]);
/** The pages and pictures, each with its anchors and the targets of its links. */
const pages = new Map();
for (const entry of readdirSync(site, { withFileTypes: true, recursive: true })) {
  const file = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && /\.(html|svg)$/.test(file)) pages.set(file, read(file));
}

const broken = [];
let followed = 0;
for (const [file, { links }] of pages) {
  for (const link of links) {
    // Other schemes, and other servers.
    if (/^(?!site\.invalid)([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) {
      if (link.includes("site.invalid")) broken.push(`${relative(site, file)}: ${link}`);
      continue;
    }
    followed += 1;
    const [path, anchor = ""] = link.split("#");
    let target = path === "" ? file : join(dirname(file), decodeURIComponent(path.split("?")[0]));
    if (existsSync(target) && statSync(target).isDirectory()) target = join(target, "index.html");
    if (!existsSync(target) || !hasAnchor(target, anchor)) broken.push(`${relative(site, file)}: ${link}`);
  }
}
if (broken.length > 0) {
  console.error([`${broken.length} broken links:`, ...broken.slice(0, 100)].join("\n"));
  process.exit(1);
}
// A site without links would hold too.
if (pages.size < 100 || followed < 5000) {
  console.error(`only ${pages.size} pages with ${followed} links were found`);
  process.exit(1);
}
console.log(`    ${pages.size} pages, ${followed} links within the site: none is broken`);

/** The anchors and the links of a page. */
function read(file) {
  const html = readFileSync(file, "utf8").replace(/<(script|style)\b[^>]*>.*?<\/\1>/gs, "");
  const values = (names) =>
    [...html.matchAll(new RegExp(`<[a-z][^<>]*?\\s(?:${names})=(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "gi"))].map(
      (found) => decoded(found[1] ?? found[2] ?? found[3]),
    );
  return { anchors: new Set(values("id|name")), links: new Set([...values("href"), ...values("src")]) };
}

/** @param {string} text */
function decoded(text) {
  const names = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(#x([\da-f]+)|#(\d+)|\w+);/gi, (whole, name, hex, decimal) => {
    if (hex ?? decimal) return String.fromCodePoint(Number.parseInt(hex ?? decimal, hex ? 16 : 10));
    return names[name] ?? whole;
  });
}

function hasAnchor(file, anchor) {
  if (anchor === "") return true;
  const { anchors } = pages.get(file) ?? { anchors: new Set() };
  // A browser looks for the anchor as it is, and then for the decoded one.
  const name = anchors.has(anchor) ? anchor : decodeURIComponent(anchor);
  // In rustdoc's pages of sources, a script marks a range of lines, such as `10-20`.
  const [, first, last] = /^(\d+)-(\d+)$/.exec(name) ?? [];
  return anchors.has(name) || (first !== undefined && anchors.has(first) && anchors.has(last));
}
